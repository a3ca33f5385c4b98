import { connect } from '@nats-io/transport-node';

const TIMEOUT_MS = 30_000;

export const contender = {
  name: 'nats',
  package: '@nats-io/transport-node',
  server: 'nats',
  rows: ['ask c1', 'ask c64', 'ask c256', 'stream', 'allocation'],
  note: 'request and reply through a broker: two hops in each direction. A stream is many replies to one request',
  async open({ host, port }) {
    // With traces, each request would create an Error for its stack, and be slower than most here.
    const connection = await connect({ servers: `${host}:${port}`, noAsyncTraces: true });
    return {
      request(content, done) {
        const asked = connection.request('chat', JSON.stringify({ type: 'chat', content }), { timeout: TIMEOUT_MS });
        asked.then((message) => done(null, message.json().content), done);
      },
      stream(content, count, size, onChunk, done) {
        readStream(connection, { content, count, size }, onChunk).then(() => done(null), done);
      },
      close: () => connection.close(),
    };
  },
};

async function readStream(connection, question, onChunk) {
  const options = { strategy: 'sentinel', maxWait: TIMEOUT_MS };
  const messages = await connection.requestMany('stream', JSON.stringify(question), options);
  for await (const message of messages) {
    if (message.data.length > 0) onChunk(message.json().content);
  }
}
