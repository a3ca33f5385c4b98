import type { Observable } from 'rxjs';
import type { ChoragusError } from '../errors/index.js';
import type { Frame } from './frame.js';
import type { WireMessage } from './request.js';

/** TLS settings of a CI. Verification is on unless `rejectUnauthorized` is false. PEM text or bytes, not paths. */
export interface TlsOptions {
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  readonly passphrase?: string | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

/** Where a CI is, and what its wire must keep to. */
export interface Target {
  readonly ci: string;
  readonly url: string;
  readonly maxReplyBytes: number;
  /** Longest time to open a socket, in ms. Default: 2,000. */
  readonly connectTimeoutMs?: number | undefined;
  readonly tls?: TlsOptions | undefined;
  /** Headers of each request, or of the handshake. Secret. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as a bearer token. Secret. */
  readonly apiKey?: string | undefined;
}

/** A request as a channel sees it. */
export interface Outgoing {
  /**
   * Called once, at the moment of writing. Returns the request as one JSON object without a line end,
   * or `''` when it has been given up meanwhile and must not be written. From then on it counts as maybe sent.
   *
   * @param socket - `fresh` where a socket had to be opened for this request, though the link was up: on a wire whose sockets
   *   come and go beneath a link. Else nothing.
   */
  commit(socket?: 'fresh'): string;
}

/** What a channel tells the connection above it. */
export interface ChannelSink {
  /** Bytes came: the peer is alive, whatever they say. Called before the frames that they hold. */
  alive(): void;
  /**
   * One whole frame. Throws a `ChoragusError` when the link cannot go on: the channel then errors with that.
   *
   * @param line - The text that it came in, on a wire of lines.
   * @param fault - Why that text is not JSON, where the request that it answers is known all the same. It fails that one request.
   */
  frame(frame: Frame, line?: string, fault?: ChoragusError): void;
  /** The peer has ended its side in good order: no frame was cut, and none will come. Called before the channel errors. */
  ended(): void;
  /** The channel can take requests again after `isWritable` was false. */
  drained(): void;
  /** The peer says that it cannot keep up: it is to be spared, where others can take its place. */
  suspect(): void;
  /** The request with this `request_id` has failed, and it alone: the link goes on. */
  requestFailed(id: unknown, error: ChoragusError): void;
  /** On a wire whose sockets come and go beneath a link: one was opened, which took so long. Not told of the link's first. */
  socketOpened(connectMs: number): void;
  /** On such a wire: the peer closed a socket on which nothing was outstanding. That is no failure. */
  socketClosed(): void;
}

/** A link that is up. */
export interface Channel {
  /** False while the socket's buffer is full; requests given meanwhile are kept, unwritten. */
  readonly isWritable: boolean;
  /** Writes the request with all others of this tick. */
  send(request: Outgoing): void;
  /**
   * Asks the peer for a sign of life, by a heartbeat that the wire itself has; the answer is told as `alive`. Where a wire has none,
   * the connection sends a `ping` request.
   */
  ping?(): void;
  /**
   * Calls `then` when an end that the peer sent right behind an answer would have come. A wire that tells of an end together with the answer
   * before it, or has a socket for each answer, has no such method.
   */
  settled?(then: () => void): void;
  /**
   * Ends the answer to one committed request, which is abandoned, and returns `over`: no reply to it will come. Without this method, or
   * if it returns nothing, the reply is still expected, and dropped when it comes.
   */
  giveUp?(request: Outgoing): 'over' | undefined;
  /**
   * The link is about to be closed with requests outstanding: the peer is to learn that nobody waits, and that this is more than the end
   * of the questions. Where a wire cannot say so, it has no such method.
   */
  cut?(): void;
}

/**
 * Opens the link when subscribed: emits the channel once it is up, errors with a `ChoragusError` when the dial fails
 * or the link is lost (a close by the peer, too), and never completes. Unsubscribing closes, also mid-dial.
 */
export type Dial = (sink: ChannelSink) => Observable<Channel>;

/** One wire: TCP, memory, … It speaks messages, never bytes, to those above. */
export interface Transport {
  /** The default of `maxRequestBytes` for its CIs, in bytes. Default: the pool's, which is that of the line protocol. */
  readonly maxRequestBytes?: number;
  /**
   * Says why this wire cannot carry a message, or undefined where it can: asked before each request. Default: all that has `content`, or a
   * type of its own.
   */
  refusal?(message: Partial<WireMessage>): string | undefined;
  /** Checks the target once, and returns what dials it. Throws `invalid_config` for an address it cannot read. */
  prepare(target: Target): Dial;
}
