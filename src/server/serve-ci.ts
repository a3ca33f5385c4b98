import { listenForClients } from './listen.js';
import { type CiService, readServeCiOptions, type ServeCiOptions } from './options.js';
import { serveConnection } from './serve-connection.js';

/** A CI that is being served. */
export interface CiServer extends AsyncDisposable {
  readonly id: string;
  /** What a pool dials: `tcp://127.0.0.1:45012`, `tls://localhost:45005`, `unix:/run/apollo.sock`. */
  readonly url: string;
  /** The port listened on; 0 for a unix socket. */
  readonly port: number;
  /** Connections open now. */
  readonly connections: number;
  /** Connections ever accepted. */
  readonly totalConnections: number;
  /** Listens no more, destroys all sockets (their requests are aborted) and waits until none is left. */
  close(): Promise<void>;
}

/**
 * TurnBudget a function into a CI: serves it over TCP, TLS or a unix socket, in any correlation that CIs are known to have.
 * `ping`, `health` and `info` it answers by itself. Settles once it listens.
 *
 * A client that ends its side of the connection has asked its last question: it is given what it waits for, and then the connection closes. What
 * a client waits for that resets the connection, or is found gone, is aborted.
 *
 * Requests with a `request_id` are answered side by side; those without one, and those whose id another one under way has, in their order.
 *
 * @throws ChoragusError `invalid_config` for a bad option, `unavailable` when the address cannot be listened on.
 *
 * @example
 * ```ts
 * await using apollo = await serveCi({ id: 'apollo', handler: ({ content }) => `You said: ${content}` });
 * await using pool = createPool({ cis: { apollo: apollo.url } });
 * ```
 *
 * @example A stream; the generator is stopped when the client leaves, and waits while the client takes nothing in.
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
