import { listenForClients } from './listen.js';
import { type CiService, readServeCiOptions, type ServeCiOptions } from './options.js';
import { serveConnection } from './serve-connection.js';

/** Describes a CI that is being served. */
export interface CiServer extends AsyncDisposable {
  /** The CI's name, its `ai_id` on the wire. */
  readonly id: string;
  /** The address for a pool: `tcp://127.0.0.1:45012`, `tls://localhost:45005`, `unix:/run/apollo.sock`. */
  readonly url: string;
  /** The port listened on; 0 for a unix socket. */
  readonly port: number;
  /** Connections open now. */
  readonly connections: number;
  /** Connections ever accepted. */
  readonly totalConnections: number;
  /** Stops listening, closes all sockets, which aborts their requests, and waits until none is open. */
  close(): Promise<void>;
}

/**
 * Turns a function into a CI: serves it over TCP, TLS, WebSocket or a unix socket. It answers `ping`, `health` and
 * `info` itself. Settles once it listens.
 *
 * A client that ends its sending side still gets the answers that it waits for; then the connection closes. If a client
 * resets the connection or is found dead, its requests are aborted.
 *
 * Requests with a `request_id` are answered side by side. Requests without one, or with an id that is in use, are
 * answered in their order.
 *
 * @throws ChoragusError `invalid_config` for a bad option, `unavailable` if the address cannot be listened on.
 *
 * @example
 * ```ts
 * await using apollo = await serveCi({ id: 'apollo', handler: ({ content }) => `You said: ${content}` });
 * await using pool = createPool({ cis: { apollo: apollo.url } });
 * ```
 *
 * @example
 * A stream. The generator stops when the client disconnects, and pauses while the client does not read.
 * ```ts
 * const handler = async function* ({ content }: CiRequest) {
 *   for (const word of content.split(' ')) yield `${word} `;
 * };
 * ```
 */
export async function serveCi(options: ServeCiOptions): Promise<CiServer> {
  const { listen, ...read } = readServeCiOptions(options);
  const service: CiService = { ...read, port: () => listener.port, clients: () => listener.open };
  const listener = await listenForClients(listen, service.maxLineBytes, (socket) => serveConnection(socket, service));
  return {
    id: service.id,
    url: listener.url,
    port: listener.port,
    get connections() {
      return listener.open;
    },
    get totalConnections() {
      return listener.accepted;
    },
    close: () => listener.close(),
    [Symbol.asyncDispose]: () => listener.close(),
  };
}
