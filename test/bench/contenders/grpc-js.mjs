import { credentials } from '@grpc/grpc-js';
import { loadEchoProto } from '../load-echo-proto.mjs';

const Echo = loadEchoProto();

export const contender = {
  name: 'grpc-js',
  package: '@grpc/grpc-js',
  server: 'grpc',
  rows: ['ask c1', 'ask c64', 'ask c256', 'stream', 'cold', 'allocation'],
  note: 'protobuf over one HTTP/2 connection without TLS: unary calls and server streaming',
  async open({ host, port }) {
    // Otherwise channels share their connections, and no request of the cold row would open one.
    const client = new Echo(`${host}:${port}`, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
    return {
      request(content, done) {
        client.chat({ content }, (error, reply) => done(error, reply?.content));
      },
      stream(content, count, size, onChunk, done) {
        const call = client.stream({ content, count, size });
        call.on('data', (chunk) => onChunk(chunk.content));
        call.on('error', done);
        call.on('end', () => done(null));
      },
      close: () => client.close(),
    };
  },
};
