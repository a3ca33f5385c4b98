/** The echo over Socket.IO, on its WebSocket transport: acknowledgements are the replies. */
import http from 'node:http';
import { Server } from 'socket.io';
import { announce } from './announce.mjs';
import { pieceOf } from './answers.mjs';
import { listen } from './listen.mjs';

const server = http.createServer();
const peers = new Server(server, { transports: ['websocket'] });
peers.on('connection', (peer) => {
  peer.on('chat', ({ content }, reply) => reply({ ai_id: 'echo', content }));
  peer.on('stream', ({ content, count, size, token }, reply) => {
    for (let index = 0; index < count; index += 1) {
      peer.emit('chunk', { token, content: pieceOf(content, size), chunk_index: index });
    }
    reply();
  });
});

announce({ port: await listen(server) });
