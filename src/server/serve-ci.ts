import { listenForClients } from './listen.js';
import { type CiService, readServeCiOptions, type ServeCiOptions } from './options.js';
import { serveConnection } from './serve-connection.js';

/** Describes a CI that listens. */
export interface CiServer extends AsyncDisposable {
  /** The CI's name, its `ai_id` on the wire. */
  readonly id: string;
  /** The address for a pool: `tcp://127.0.0.1:45012`, `tls://localhost:45005`, `unix:/run/apollo.sock`. */
  readonly url: string;
  /** The port that the CI listens on; 0 for a unix socket. */
  readonly port: number;
  /** Number of open connections. */
  readonly connections: number;
  /** Number of connections ever accepted. */
  readonly totalConnections: number;
  /** Stops listening, closes all sockets and waits until none is open. Aborts the requests in flight. */
  close(): Promise<void>;
}

/**
 * Serves a function as an agent (CI) over TCP, TLS, WebSocket or a unix socket. Answers `ping`, `health` and `info`
 * without the function. Settles once it listens.
 *
 * A client that ends its sending side still gets its answers; then the connection closes. If a client resets the
 * connection, or does not answer the system's probes, the server aborts its requests.
 *
 * The server answers requests with a `request_id` concurrently. It answers requests without one, or with an id that is
 * in use, in the order of their arrival.
 *
 * @throws ChoragusError `invalid_config` for a bad option, `unavailable` if the system refuses to listen on the address.
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
