import http from 'node:http';
import https from 'node:https';
import { wsPackage } from '../node/optional-peer.js';
import { keptAlive } from './kept-alive.js';
import type { ServerTlsOptions } from './listen-options.js';
import { WebSocketStream } from './web-socket-stream.js';

/**
 * Returns an HTTP server that accepts WebSockets at any path and answers 426 to other requests.
 *
 * @throws ChoragusError `invalid_config` if the package `ws` is not installed.
 * @internal
 */
export async function webSocketServer(
  tls: ServerTlsOptions | undefined,
  { maxPayload, origins }: { readonly maxPayload: number; readonly origins: readonly string[] },
  onClient: (client: WebSocketStream) => void,
): Promise<http.Server> {
  const { WebSocketServer } = await wsPackage.load('WebSocket');
  const sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false });
  const server = tls === undefined ? http.createServer(keptAlive) : https.createServer({ ...keptAlive, ...tls });
  server.on('request', (_request, response) => {
    response.writeHead(426, { connection: 'close', upgrade: 'websocket' }).end('This server speaks only WebSocket.\n');
  });
  server.on('upgrade', (request, socket, head) => {
    const { origin } = request.headers;
    // Without a listener, the error of a client that leaves early would end the process.
    socket.on('error', () => {});
    if (origin !== undefined && !origins.includes(origin)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => onClient(new WebSocketStream(ws, socket)));
  });
  return server;
}
