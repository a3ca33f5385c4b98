import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

/** A chat request that reached the server, with the way to answer it. */
export interface ModelChat {
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly headers: http.IncomingHttpHeaders;
  readonly response: http.ServerResponse;
  /** Sends each piece as a packet of its own. */
  send(...pieces: readonly (string | Buffer)[]): Promise<void>;
  /** Settles when the client has left, or when everything is sent. */
  readonly closed: Promise<unknown>;
}

/** An HTTP server that a test controls, in place of a model's. */
export class ModelServer implements AsyncDisposable {
  readonly chats: ModelChat[] = [];
  probes = 0;
  /** The status that answers the probe. */
  probeStatus = 200;
  /** Number of sockets ever opened. */
  sockets = 0;
  onChat: ((chat: ModelChat) => void) | undefined;
  readonly #server = http.createServer((request, response) => void this.#take(request, response));
  readonly #open = new Set<net.Socket>();

  static async listen(port = 0): Promise<ModelServer> {
    const server = new ModelServer();
    server.#server.keepAliveTimeout = 0;
    server.#server.on('connection', (socket) => {
      server.sockets += 1;
      server.#open.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => server.#open.delete(socket));
    });
    server.#server.listen(port, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Closes the sockets, as a server does when they are idle or when it shuts down. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  async #take(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let text = '';
    request.on('error', () => {});
    request.setEncoding('utf8');
    request.on('data', (piece: string) => {
      text += piece;
    });
    await once(request, 'end');
    if (request.method !== 'POST') {
      this.probes += 1;
      response.statusCode = this.probeStatus;
      response.end('{"version":"0"}');
      return;
    }
    const chat: ModelChat = {
      path: request.url ?? '',
      body: JSON.parse(text),
      headers: request.headers,
      response,
      closed: once(response, 'close'),
      send: async (...pieces) => {
        for (const piece of pieces) {
          response.write(piece);
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    };
    this.chats.push(chat);
    this.onChat?.(chat);
  }
}

/** Makes a server that answers every request after the probe with the same bytes, and closes. */
export async function rawServer(answer: string): Promise<{ port: number; close: () => void }> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      if (bytes.toString('latin1').startsWith('GET')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
      else socket.end(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}
