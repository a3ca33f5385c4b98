import * as v from 'valibot';
import { listenOptions, listOf, optionsOf } from '../checks/index.js';

/** TLS settings of a listener. PEM text or bytes, not paths. */
export interface ServerTlsOptions {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** Who may sign client certificates. Default: the system's authorities. */
  readonly ca?: string | Buffer | (string | Buffer)[] | undefined;
  readonly passphrase?: string | undefined;
  /** Ask clients for a certificate. Default: false. */
  readonly requestCert?: boolean | undefined;
  /** Refuse clients whose certificate was asked for and does not verify. Default: true. */
  readonly rejectUnauthorized?: boolean | undefined;
}

/** Where to listen. */
export interface SocketListenOptions {
  /** Default: 0, a free one that the system picks. */
  readonly port?: number | undefined;
  /** Default: `127.0.0.1`. */
  readonly host?: string | undefined;
  /** The path of a unix socket, in place of port and host. */
  readonly path?: string | undefined;
  /** Speak TLS. Not with `path`. */
  readonly tls?: ServerTlsOptions | undefined;
}

/** How a CI is served on WebSocket. */
export interface WebSocketServing {
  /** Whose pages may talk to it, such as `https://app.example`. Default: none. Clients that are no browsers name no origin. */
  readonly origins?: readonly string[] | undefined;
}

/** Where to listen, and what to speak there. */
export interface ListenOptions extends SocketListenOptions {
  /**
   * Speak WebSocket, one JSON object a message, at any path of the URL. Needs the package `ws`; not with `path`. Default: false.
   *
   * A browser may open a WebSocket to anywhere, for any page: pages are refused, unless their origin is named.
   */
  readonly webSocket?: boolean | WebSocketServing | undefined;
}

const origin = v.string('an origin, such as https://app.example');
const serving = optionsOf({ origins: v.optional(listOf(origin, 'a list of origins')) }, 'true, false or { origins }');
/**
 * The checks of {@link ListenOptions}.
 *
 * @internal
 */
export const listenForClientsOptions: v.GenericSchema<unknown, ListenOptions> = optionsOf({
  ...listenOptions,
  webSocket: v.optional(v.lazy((given) => (typeof given === 'boolean' ? v.boolean() : serving))),
});
