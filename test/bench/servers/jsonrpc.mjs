/** The echo over JSON-RPC, as the language server protocol frames it. Chunks are progress notifications. */
import net from 'node:net';
import { createMessageConnection, ProgressType, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { announce } from './announce.mjs';
import { pieceOf } from './answers.mjs';
import { listen } from './listen.mjs';

const progress = new ProgressType();

const server = net.createServer({ noDelay: true }, (socket) => {
  const connection = createMessageConnection(new StreamMessageReader(socket), new StreamMessageWriter(socket));
  connection.onRequest('chat', ({ content }) => ({ ai_id: 'echo', content }));
  connection.onRequest('stream', async ({ content, count, size, token }) => {
    const sent = [];
    for (let index = 0; index < count; index += 1) {
      sent.push(connection.sendProgress(progress, token, { content: pieceOf(content, size), chunk_index: index }));
    }
    await Promise.all(sent);
    return null;
  });
  connection.onError(() => socket.destroy());
  connection.listen();
});

announce({ port: await listen(server) });
