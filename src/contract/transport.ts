import type { Observable } from 'rxjs';
import type { ChoragusError } from '../errors/index.js';
import type { Frame } from './frame.js';
import type { WireMessage } from './request.js';

/** Configures TLS for a CI, as Node's `tls.connect` takes it: PEM text or bytes, not paths. */
export interface TlsOptions {
  /** The certificate authorities to trust. Default: Node's. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
  /** The client's certificate chain. Default: none. */
  readonly cert?: string | Buffer | undefined;
  /** The private key of `cert`. Default: none. */
  readonly key?: string | Buffer | undefined;
  /** The passphrase of `key`. Default: none. */
  readonly passphrase?: string | undefined;
  /** The name to verify and to send as SNI. Default: the host of the URL. */
  readonly servername?: string | undefined;
  /** If false, accepts any certificate. Default: true. */
  readonly rejectUnauthorized?: boolean | undefined;
}

/** Tells a transport where a CI is, and the limits of its wire. */
export interface Target {
  /** The CI's name, for errors. */
  readonly ci: string;
  /** The CI's address. */
  readonly url: string;
  /** Largest reply line in bytes. */
  readonly maxReplyBytes: number;
  /** Longest time to open a socket, in ms. Default: 2,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** TLS settings. Default: Node's, with verification. */
  readonly tls?: TlsOptions | undefined;
  /** Headers of each request, or of the handshake. Secret. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as a bearer token. Secret. Default: none. */
  readonly apiKey?: string | undefined;
}

/** Describes a request as a channel sees it. */
export interface Outgoing {
  /**
   * Called once, at the moment of writing. Returns the request as one JSON object without a line end, or `''` if the
   * request was abandoned meanwhile and must not be written. From then on the request counts as maybe sent.
   *
   * @param socket - `fresh` if a socket had to be opened for this request although the link was up, on a wire whose
   *   sockets come and go under one link. Otherwise absent.
   */
  commit(socket?: 'fresh'): string;
}

/** Receives what a channel reports to the connection above it. */
export interface ChannelSink {
  /** Reports that bytes came, so the peer is alive. Called before the frames in those bytes. */
  alive(): void;
  /**
   * Reports one whole frame. Throws a `ChoragusError` if the link cannot go on; the channel then errors with it.
   *
   * @param line - The frame's text, on a wire of lines.
   * @param fault - Why the text is not JSON, if the request that it answers is known anyway. It fails only that
   *   request.
   */
  frame(frame: Frame, line?: string, fault?: ChoragusError): void;
  /**
   * Reports that the peer ended its side in good order: no frame was cut, and none follows. Called before the channel
   * errors.
   */
  ended(): void;
  /** Reports that the channel takes requests again after `isWritable` was false. */
  drained(): void;
  /** Reports that the peer asked for less load: prefer other connections while there are any. */
  suspect(): void;
  /** Reports that the request with this `request_id` failed. The link and its other requests go on. */
  requestFailed(id: unknown, error: ChoragusError): void;
  /**
   * Reports that a further socket was opened under the link, and how long that took, in ms. Not called for the link's
   * first.
   */
  socketOpened(connectMs: number): void;
  /** Reports that the peer closed a socket under the link with no request in flight. That is no failure. */
  socketClosed(): void;
}

/** Sends requests over a link that is up. */
export interface Channel {
  /** False while the socket's buffer is full. Requests sent meanwhile are kept, unwritten. */
  readonly isWritable: boolean;
  /** Writes the request, together with all others of this tick. */
  send(request: Outgoing): void;
  /**
   * Sends the wire's own heartbeat; the answer is reported as `alive`. On a wire without one, the connection sends a
   * `ping` request.
   */
  ping?(): void;
  /**
   * Calls `then` at the moment by which an end that the peer sent right behind an answer would have arrived. Absent on
   * wires that report an end together with the answer before it, or that use one socket for each answer.
   */
  settled?(then: () => void): void;
  /**
   * Abandons a request that was committed. Returns `over` if the wire can end its answer alone: no reply follows.
   * Otherwise returns nothing: the reply is still expected, and the connection drops it. Absent on wires that never can.
   */
  giveUp?(request: Outgoing): 'over' | undefined;
  /**
   * Tells the peer, before the link is closed with requests in flight, that nobody waits for the answers. Absent on
   * wires that cannot say so.
   */
  cut?(): void;
}

/**
 * Opens a link. Subscribing dials and emits the channel once it is up. It errors with a `ChoragusError` if the dial
 * fails or the link is lost, also when the peer closes it, and never completes. Unsubscribing closes the link, also
 * during the dial.
 */
export type Dial = (sink: ChannelSink) => Observable<Channel>;

/** Implements one wire: TCP, memory, … Its interface carries messages, never bytes. */
export interface Transport {
  /**
   * Default of `maxRequestBytes` for CIs on this wire, in bytes. Default: the pool's, which is that of the line
   * protocol.
   */
  readonly maxRequestBytes?: number;
  /**
   * Whether this wire takes `_meta`, the trace context of a request, unless the CI's option `traceContext` says
   * otherwise. Default: false.
   */
  readonly traceContext?: boolean;
  /**
   * Returns why this wire cannot carry a message, or undefined if it can. Called before each request. Default: the wire
   * carries whatever has `content` or a type of its own.
   */
  refusal?(message: Partial<WireMessage>): string | undefined;
  /** Checks the target and returns what dials it. Throws `invalid_config` for an address that it cannot read. */
  prepare(target: Target): Dial;
}
