import type { Observable } from 'rxjs';
import type { Clock } from './clock.js';
import type { Chunk, Outcome, Reply } from './reply.js';
import type { BroadcastOptions, Message, RequestOptions, StreamOptions, WireMessage } from './request.js';
import type { DrainReport, PoolSnapshot, StateChange, WarmReport } from './status.js';
import type { TlsOptions, Transport } from './transport.js';

/** The limits and times of one CI. Each can be set for the pool, and again for a single CI. */
export interface Limits {
  /** Longest dial, in ms. Default: 2,000. */
  readonly connectTimeoutMs: number;
  /** Deadline of a request that names none, in ms. Default: 30,000. */
  readonly requestTimeoutMs: number;
  /** Total deadline of a stream that names none, in ms; silence is bounded by `requestTimeoutMs`. Default: 600,000. */
  readonly streamTimeoutMs: number;
  /** Time between heartbeats of a connection with nothing outstanding, in ms. Default: 30,000. */
  readonly healthIntervalMs: number;
  /** Longest wait for a heartbeat's answer, in ms. Default: 2,000. */
  readonly heartbeatTimeoutMs: number;
  /** Failures in a row that make a connection `degraded`. Default: 3. */
  readonly degradeAfterFailures: number;
  /** Heartbeats missed in a row that make it dead. Default: 3. */
  readonly maxMissedHeartbeats: number;
  /** Mean of the first backoff, in ms; the delay is drawn from 0 to twice this (full jitter). Default: 5,000. */
  readonly reconnectDelayMs: number;
  /** Longest backoff, in ms. Default: 60,000. */
  readonly maxReconnectDelayMs: number;
  /**
   * Shortest time between two dials of a CI whose links are lost after they had been of use, in ms: requests wait so long at most for a redial
   * that nothing else delays. Default: 20.
   */
  readonly minRedialIntervalMs: number;
  /** Uptime after which, with an answer had, the backoff of a connection that died starts anew, in ms. Default: 10,000. */
  readonly provenUptimeMs: number;
  /** Largest request line, in bytes. Default: 65,536; of model servers 32 MiB (33,554,432). */
  readonly maxRequestBytes: number;
  /** Largest reply line in bytes, and largest text of one stream in characters. Default: 16 MiB (16,777,216). */
  readonly maxReplyBytes: number;
  /** Connections to one CI. Default: 4. */
  readonly maxConnections: number;
  /** Requests outstanding on a connection whose peer echoes no ids. Default: 1. */
  readonly pipelining: number;
  /** Requests outstanding on a connection whose peer echoes ids. Default: 256. */
  readonly maxInFlight: number;
  /** Requests that may wait for a place. Default: 1,000. */
  readonly maxWaiting: number;
  /** How long a connection waits for the reply of a request that was given up, in ms. Default: 1,000. */
  readonly lateReplyGraceMs: number;
  /**
   * How old a connection may get, in ms: it then takes no more requests, closes once those that it has are over, and another takes its
   * place. Up to a tenth earlier by chance, so that those of one moment do not all leave at one moment. Default: 0, as old as it likes.
   */
  readonly maxConnectionAgeMs: number;
}

/** {@link Limits} as options: what is left out, or undefined, has its default. */
export type LimitOptions = { readonly [Name in keyof Limits]?: Limits[Name] | undefined };

/** How the order of answers is taken, on a wire whose answers carry no `request_id`. */
export interface OrderingOption {
  /**
   * `proved`: a probe behind each request proves that the answer before it is its own; a CI that answers no probes is given a fresh
   * connection for each request. `trusted`: you vouch that the CI answers each line once, in order, and says nothing else; a line more or less hands
   * answers to the wrong requests. Where answers carry ids, they decide, either way. Default: `proved`.
   */
  readonly ordering?: 'proved' | 'trusted' | undefined;
}

/** One CI of a pool. */
export interface CiOptions extends LimitOptions, OrderingOption {
  /** Where it is: `tcp://host:port`, `ollama://host/model`, … The README lists the schemes. */
  readonly url: string;
  readonly tls?: TlsOptions | undefined;
  /** Headers of each request to a model server, or of a WebSocket's handshake. Never logged, never shown. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as `Authorization: Bearer …` to a model server, or in a WebSocket's handshake. Never logged, never shown. */
  readonly apiKey?: string | undefined;
}

/** What the pool logs to; a pino logger is one. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  child(bindings: Record<string, unknown>): Logger;
}

/** What an inspection observer is told: xstate's `InspectionEvent`, of which these are the fields that all have. */
export interface InspectedEvent {
  readonly type: string;
  readonly rootId: string;
  readonly actorRef: unknown;
}

/**
 * An xstate inspection observer: a function, or an object with `next`. What it throws reaches no actor. In words of its own,
 * since xstate's types do not compile under `exactOptionalPropertyTypes`; methods, so that those of xstate fit.
 */
export type InspectionObserver = { call(event: InspectedEvent): void }['call'] | { next?(event: InspectedEvent): void };

/** Options of `createPool`. */
export interface PoolOptions extends LimitOptions, OrderingOption {
  /** The CIs by name: a URL, or a URL with options of its own. */
  readonly cis?: Readonly<Record<string, string | CiOptions>> | undefined;
  /** Dials under way at once in the whole pool. Default: 256. */
  readonly maxDials?: number | undefined;
  /** Crashes of a CI's connections within `restartWindowMs` that are tolerated; one more quarantines it. Default: 5. */
  readonly maxRestarts?: number | undefined;
  /** Default: 60,000. */
  readonly restartWindowMs?: number | undefined;
  /** A broadcast's deadline for each CI, in ms. Default: 2,000. */
  readonly broadcastDeadlineMs?: number | undefined;
  /** A broadcast's longest wait for a connection, in ms. Default: 500. */
  readonly broadcastConnectTimeoutMs?: number | undefined;
  /** How long `close()` and `remove()` let requests finish, in ms. Default: 5,000. */
  readonly drainTimeoutMs?: number | undefined;
  /** A pino logger (or alike), or false for none. Default: pino to stdout at `info`. */
  readonly logger?: Logger | false | undefined;
  /** Whether incidents hold the line that caused them (its first 200 characters), which may be content. Default: false. */
  readonly logContent?: boolean | undefined;
  /**
   * Is told what the machines of the connections and of the pool go through: any xstate inspection observer, such as
   * `createWebSocketInspector().inspect` of `@statelyai/inspect`. Requests are not among it: they pass no machine.
   */
  readonly inspect?: InspectionObserver | undefined;
  /** Transports by URL scheme, added to `tcp`, `tls` and `unix`, or in their place. */
  readonly transports?: Readonly<Record<string, Transport>> | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Numbers from 0 up to 1, for jitter and ids. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * A pool of CIs: what `createPool` returns.
 *
 * A wrong argument is a ChoragusError, `invalid_config`, that names it: the error of a request's Observable, a rejection of what returns a
 * promise, and thrown by `broadcast` (for its options) and `add`.
 */
export interface Pool extends AsyncDisposable {
  /** Asks one CI: one {@link Reply}, then complete. Sent when subscribed, cancelled when unsubscribed. */
  ask(ci: string, message: Message, options?: RequestOptions): Observable<Reply>;
  /** Asks one CI for a streamed answer: chunks as they come, then complete. */
  stream(ci: string, message: Message, options?: StreamOptions): Observable<Chunk>;
  /** Asks many CIs at once: one {@link Outcome} each, as it arrives. Never errors; throws `invalid_config` for a bad option. */
  broadcast(
    message: Message,
    options?: BroadcastOptions & { readonly stream?: false | undefined },
  ): Observable<Outcome>;
  broadcast(message: Message, options: BroadcastOptions): Observable<Outcome | Chunk>;
  /** Sends any message type of the wire: one {@link Reply}, then complete. */
  request(ci: string, message: WireMessage, options?: RequestOptions): Observable<Reply>;
  /**
   * Dials all CIs (or those named, in a list) now and keeps them connected; settles with who is up and who is not. Rejects with
   * `unknown_ci`, `closed` or `invalid_config`.
   */
  warm(cis?: readonly string[]): Promise<WarmReport>;
  /** Adds a CI. Throws `invalid_config` for a bad address or a name that is taken, `closed` after `close()`. */
  add(ci: string, options: string | CiOptions): void;
  /**
   * Removes a CI once its requests have ended or `drainTimeoutMs` is over; a `close()` meanwhile can cut them earlier. Settles when its sockets
   * are closed, with what finished and what was cut; rejects with `unknown_ci` or `invalid_config`.
   */
  remove(ci: string, options?: { readonly drainTimeoutMs?: number | undefined }): Promise<DrainReport>;
  /** Whether it takes requests (`running`), only finishes those it has, or is at its end. */
  readonly state: PoolSnapshot['state'];
  /** The names of the CIs. */
  readonly cis: readonly string[];
  /** Every change of a connection's state, as it happens. Hot; completes when the pool is closed. */
  readonly states$: Observable<StateChange>;
  /** What is going on, and what was counted. */
  snapshot(): PoolSnapshot;
  /**
   * Takes no more requests, lets those under way finish, closes. A second call returns the first one's report. Rejects with `invalid_config`,
   * and then the pool goes on.
   */
  close(options?: { readonly drainTimeoutMs?: number | undefined }): Promise<DrainReport>;
}
