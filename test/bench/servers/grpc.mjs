/** The echo over gRPC: unary, and server streaming. HTTP/2 matches answers to requests. */
import { promisify } from 'node:util';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { loadEchoProto } from '../load-echo-proto.mjs';
import { announce } from './announce.mjs';
import { pieceOf } from './answers.mjs';

const server = new Server();
server.addService(loadEchoProto().service, {
  chat: ({ request }, reply) => reply(null, { ai_id: 'echo', content: request.content }),
  stream: (call) => {
    const { content, count, size } = call.request;
    for (let index = 0; index < count; index += 1) call.write({ content: pieceOf(content, size), chunk_index: index });
    call.end();
  },
});

const bind = promisify(server.bindAsync.bind(server));
announce({ port: await bind('127.0.0.1:0', ServerCredentials.createInsecure()) });
