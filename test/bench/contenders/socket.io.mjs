import { once } from 'node:events';
import { io } from 'socket.io-client';

export const contender = {
  name: 'socket.io',
  package: 'socket.io-client',
  server: 'socket.io',
  rows: ['ask c1', 'ask c64', 'ask c256', 'stream', 'allocation'],
  note: 'events with acknowledgements over one connection of its WebSocket transport. Chunks are events',
  async open({ host, port }) {
    const socket = io(`http://${host}:${port}`, { transports: ['websocket'], reconnection: false, forceNew: true });
    await once(socket, 'connect');
    return clientOf(socket);
  },
};

function clientOf(socket) {
  const streams = new Map();
  let tokens = 0;
  socket.on('chunk', ({ token, content }) => streams.get(token)?.(content));
  return {
    request(content, done) {
      socket.emit('chat', { type: 'chat', content }, (reply) => done(null, reply.content));
    },
    stream(content, count, size, onChunk, done) {
      tokens += 1;
      const token = tokens;
      streams.set(token, onChunk);
      socket.emit('stream', { content, count, size, token }, () => {
        streams.delete(token);
        done(null);
      });
    },
    close: () => socket.disconnect(),
  };
}
