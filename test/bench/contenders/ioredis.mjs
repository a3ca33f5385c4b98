import { Redis } from 'ioredis';

export const contender = {
  name: 'ioredis',
  package: 'ioredis',
  server: 'redis',
  rows: ['ask c1', 'ask c64', 'ask c256', 'cold', 'allocation'],
  note: 'ECHO with automatic pipelining on one connection, without JSON and ids. Its server is written in C',
  async open({ host, port }) {
    // An echo does not need its questions to the server at connect time, and they weigh in the cold row.
    const redis = new Redis({
      host,
      port,
      enableAutoPipelining: true,
      enableReadyCheck: false,
      disableClientInfo: true,
    });
    return {
      request(content, done) {
        redis.echo(content).then((answer) => done(null, answer), done);
      },
      close: () => redis.disconnect(),
    };
  },
};
