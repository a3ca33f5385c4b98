import { once } from 'node:events';
import net from 'node:net';
import { createMessageConnection, ProgressType, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';

const progress = new ProgressType();

export const contender = {
  name: 'vscode-jsonrpc',
  package: 'vscode-jsonrpc',
  server: 'jsonrpc',
  rows: ['ask c1', 'ask c64', 'ask c256', 'stream', 'allocation'],
  note: 'JSON-RPC with Content-Length headers over one TCP connection. Chunks are progress notifications',
  async open({ host, port }) {
    const socket = net.connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    const connection = createMessageConnection(new StreamMessageReader(socket), new StreamMessageWriter(socket));
    connection.listen();
    return clientOf(connection, socket);
  },
};

function clientOf(connection, socket) {
  let tokens = 0;
  return {
    request(content, done) {
      connection.sendRequest('chat', { content }).then((reply) => done(null, reply.content), done);
    },
    stream(content, count, size, onChunk, done) {
      tokens += 1;
      const token = tokens;
      const listening = connection.onProgress(progress, token, (chunk) => onChunk(chunk.content));
      const finish = (error) => {
        listening.dispose();
        done(error);
      };
      connection.sendRequest('stream', { content, count, size, token }).then(() => finish(null), finish);
    },
    close() {
      connection.dispose();
      socket.destroy();
    },
  };
}
