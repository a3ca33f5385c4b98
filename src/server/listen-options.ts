import * as v from 'valibot';
import { listenOptions, listOf, optionsOf } from '../checks/index.js';

/** Configures TLS for a listener, as Node's `tls.createServer` takes it: PEM text or bytes, not paths. */
export interface ServerTlsOptions {
  /** The server's certificate chain. */
  readonly cert: string | Buffer;
  /** The private key of `cert`. */
  readonly key: string | Buffer;
  /** Authorities that may sign client certificates. Default: Node's. */
  readonly ca?: string | Buffer | (string | Buffer)[] | undefined;
  /** The passphrase of `key`. Default: none. */
  readonly passphrase?: string | undefined;
  /** If true, asks clients for a certificate. Default: false. */
  readonly requestCert?: boolean | undefined;
  /** If true, refuses clients whose requested certificate does not verify. Default: true. */
  readonly rejectUnauthorized?: boolean | undefined;
}

/** Sets where to listen. */
export interface SocketListenOptions {
  /** The port, 0 to 65,535. Default: 0, a free port that the system chooses. */
  readonly port?: number | undefined;
  /** The address. Default: `127.0.0.1`. */
  readonly host?: string | undefined;
  /** The path of a unix socket, instead of port and host. */
  readonly path?: string | undefined;
  /** Speaks TLS with these settings. Cannot be combined with `path`. Default: no TLS. */
  readonly tls?: ServerTlsOptions | undefined;
}

/** Configures a CI served over WebSocket. */
export interface WebSocketServing {
  /**
   * Origins of the pages that may connect, for example `https://app.example`. Default: none. Clients outside browsers
   * send no origin, and may always connect.
   */
  readonly origins?: readonly string[] | undefined;
}

/** Sets where to listen, and which wire to speak. */
export interface ListenOptions extends SocketListenOptions {
  /**
   * Speaks WebSocket at any URL path: each message is one JSON object. Needs the package `ws`. Cannot be combined with
   * `path`. Default: false.
   *
   * Browsers let any page open a WebSocket to any host. The CI therefore refuses a page unless `origins` lists it.
   */
  readonly webSocket?: boolean | WebSocketServing | undefined;
}

const origin = v.string('an origin, for example https://app.example');
const serving = optionsOf({ origins: v.optional(listOf(origin, 'a list of origins')) }, 'true, false or { origins }');
/**
 * Checks {@link ListenOptions}.
 *
 * @internal
 */
export const listenForClientsOptions: v.GenericSchema<unknown, ListenOptions> = optionsOf({
  ...listenOptions,
  webSocket: v.optional(v.lazy((given) => (typeof given === 'boolean' ? v.boolean() : serving))),
});
