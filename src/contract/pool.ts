import type { Observable } from 'rxjs';
import type { Clock } from './clock.js';
import type { Chunk, Outcome, Reply } from './reply.js';
import type { BroadcastOptions, Message, RequestOptions, StreamOptions, WireMessage } from './request.js';
import type { DrainReport, PoolSnapshot, StateChange, WarmReport } from './status.js';
import type { TlsOptions, Transport } from './transport.js';

/** Sets the limits and timeouts of one CI. Each can be set for the pool, and again for a single CI. */
export interface Limits {
  /** Longest dial, in ms. Default: 2,000. */
  readonly connectTimeoutMs: number;
  /** Deadline of a request that sets none, in ms. Default: 30,000. */
  readonly requestTimeoutMs: number;
  /** Total deadline of a stream that sets none, in ms; `requestTimeoutMs` bounds its silences. Default: 600,000. */
  readonly streamTimeoutMs: number;
  /** Interval between heartbeats of a connection with no request in flight, in ms. Default: 30,000. */
  readonly healthIntervalMs: number;
  /** Longest wait for the answer to a heartbeat, in ms. Default: 2,000. */
  readonly heartbeatTimeoutMs: number;
  /** Failures in a row after which a connection is `degraded`. Default: 3. */
  readonly degradeAfterFailures: number;
  /** Heartbeats missed in a row after which a connection is closed as dead. Default: 3. */
  readonly maxMissedHeartbeats: number;
  /** Mean of the first backoff, in ms; the delay is random, from 0 to twice this (full jitter). Default: 5,000. */
  readonly reconnectDelayMs: number;
  /** Longest backoff, in ms. Default: 60,000. */
  readonly maxReconnectDelayMs: number;
  /**
   * Shortest interval between two dials of a CI whose connections answered before they were lost, in ms. So a request
   * waits at most this long for a redial that nothing else delays. Default: 20.
   */
  readonly minRedialIntervalMs: number;
  /**
   * Uptime after which a connection that answered at least once resets its backoff when it is lost, in ms. Default:
   * 10,000.
   */
  readonly provenUptimeMs: number;
  /** Largest request line, in bytes. Default: 65,536; for model servers 32 MiB (33,554,432). */
  readonly maxRequestBytes: number;
  /** Largest reply line in bytes, and largest text of one stream in characters. Default: 16 MiB (16,777,216). */
  readonly maxReplyBytes: number;
  /** Largest number of connections to one CI. Default: 4. */
  readonly maxConnections: number;
  /** Requests in flight on a connection whose peer echoes no ids. Default: 1. */
  readonly pipelining: number;
  /** Requests in flight on a connection whose peer echoes ids. Default: 256. */
  readonly maxInFlight: number;
  /** Requests that may wait for a slot; one more fails with `overloaded`. Default: 1,000. */
  readonly maxWaiting: number;
  /** How long a connection waits for the reply to an abandoned request before it is retired, in ms. Default: 1,000. */
  readonly lateReplyGraceMs: number;
  /**
   * Maximum age of a connection, in ms. A connection that reaches it takes no more requests, finishes those in flight
   * and closes; another takes its place. Up to a tenth is subtracted at random, so that connections opened together do
   * not all close together. Default: 0, no maximum.
   */
  readonly maxConnectionAgeMs: number;
}

/** {@link Limits} as options. A field that is missing or undefined has its default. */
export type LimitOptions = { readonly [Name in keyof Limits]?: Limits[Name] | undefined };

/** Sets how answers are matched to requests on a wire whose answers carry no `request_id`. */
export interface OrderingOption {
  /**
   * `proved`: a probe behind each request proves which answer is its own; a CI that answers no probes gets a fresh
   * connection for each request. `trusted`: you guarantee that the CI answers each line once, in order, and sends
   * nothing else; one line more or less gives answers to the wrong requests. Where answers carry ids, the ids decide in
   * either case. Default: `proved`.
   */
  readonly ordering?: 'proved' | 'trusted' | undefined;
}

/** Configures one CI of a pool. */
export interface CiOptions extends LimitOptions, OrderingOption {
  /** Address of the CI: `tcp://host:port`, `ollama://host/model`, … `docs/configuration.md` lists the schemes. */
  readonly url: string;
  /** TLS settings, for `tls:` and `wss:` and for model servers over HTTPS. Default: Node's, with verification. */
  readonly tls?: TlsOptions | undefined;
  /** Headers of each request to a model server, or of a WebSocket handshake. Never logged or shown. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as `Authorization: Bearer …` to a model server, or in a WebSocket handshake. Never logged or shown. */
  readonly apiKey?: string | undefined;
  /**
   * If true, requests carry the trace context that a tracing tool sets: `choragus/otel`, or a subscriber of
   * `tracing:choragus:request:start`. A model server gets it as the headers `traceparent` and `tracestate`, any other CI
   * as the field `_meta` of each request. Default: true for model servers, else false, because a CI may refuse unknown
   * fields.
   */
  readonly traceContext?: boolean | undefined;
}

/** Describes what the pool logs to; a pino logger fits. */
export interface Logger {
  /** Logs a normal event, such as a connection that came up. */
  info(fields: object, message: string): void;
  /** Logs an anomaly, such as a lost connection. */
  warn(fields: object, message: string): void;
  /** Logs a fault, such as a crash. */
  error(fields: object, message: string): void;
  /** Logs a detail. */
  debug(fields: object, message: string): void;
  /** Returns a logger that adds `bindings` to each line. */
  child(bindings: Record<string, unknown>): Logger;
}

/** Describes what an inspection observer receives: the fields that every `InspectionEvent` of xstate has. */
export interface InspectedEvent {
  /** Names the event's kind, such as `@xstate.snapshot`. */
  readonly type: string;
  /** The session id of the root actor. */
  readonly rootId: string;
  /** The actor that the event concerns. */
  readonly actorRef: unknown;
}

/**
 * Receives inspection events: a function, or an object with `next`, as xstate's `inspect` option takes. An exception
 * that it throws reaches no actor.
 * Declared here, because xstate's types do not compile under `exactOptionalPropertyTypes`; as methods, so that xstate's
 * observers are assignable.
 */
export type InspectionObserver = { call(event: InspectedEvent): void }['call'] | { next?(event: InspectedEvent): void };

/** Configures `createPool`. */
export interface PoolOptions extends LimitOptions, OrderingOption {
  /** The CIs by name: each a URL, or a URL with options of its own. Default: none. */
  readonly cis?: Readonly<Record<string, string | CiOptions>> | undefined;
  /** Largest number of dials at once in the whole pool. Default: 256. */
  readonly maxDials?: number | undefined;
  /**
   * Crashes of a CI's connections within `restartWindowMs` that lead to a restart; one more quarantines the CI.
   * Default: 5.
   */
  readonly maxRestarts?: number | undefined;
  /** Time within which crashes are counted, in ms. Default: 60,000. */
  readonly restartWindowMs?: number | undefined;
  /** Deadline of a broadcast for each CI, in ms. Default: 2,000. */
  readonly broadcastDeadlineMs?: number | undefined;
  /** Longest wait of a broadcast for a connection, in ms. Default: 500. */
  readonly broadcastConnectTimeoutMs?: number | undefined;
  /** How long `close()` and `remove()` let requests finish, in ms. Default: 5,000. */
  readonly drainTimeoutMs?: number | undefined;
  /** A pino logger or a compatible one; false for none. Default: pino to stdout at level `info`. */
  readonly logger?: Logger | false | undefined;
  /**
   * If true, incidents include the first 200 characters of the line that caused them, which may be content. Default:
   * false.
   */
  readonly logContent?: boolean | undefined;
  /**
   * Receives the events of the pool's machines: any xstate inspection observer, such as
   * `createWebSocketInspector().inspect` of `@statelyai/inspect`. Requests are not included, because they pass through
   * no machine. Default: none.
   */
  readonly inspect?: InspectionObserver | undefined;
  /** Transports by URL scheme, added to the built-in ones or replacing them. Default: none. */
  readonly transports?: Readonly<Record<string, Transport>> | undefined;
  /** The clock. Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Returns random numbers from 0 up to but excluding 1, for jitter and ids. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * Asks CIs over shared, long-lived connections. Made by `createPool`.
 *
 * A wrong argument fails with `invalid_config` and names the argument: as the error of a request's Observable, as a
 * rejection of a method that returns a promise, and as an exception from `add` and from `broadcast` (for its options).
 */
export interface Pool extends AsyncDisposable {
  /**
   * Asks one CI. Emits one {@link Reply}, then completes. Subscribing sends the request; unsubscribing cancels it.
   *
   * @example
   * ```ts
   * const reply = await firstValueFrom(pool.ask('apollo', 'What patterns do you see?', { deadlineMs: 2_000 }));
   * ```
   */
  ask(ci: string, message: Message, options?: RequestOptions): Observable<Reply>;
  /**
   * Asks one CI for a streamed answer. Emits chunks as they arrive, then completes.
   *
   * @example
   * ```ts
   * pool.stream('apollo', 'Explain it slowly').subscribe(({ content }) => process.stdout.write(content));
   * ```
   */
  stream(ci: string, message: Message, options?: StreamOptions): Observable<Chunk>;
  /**
   * Asks many CIs at once. Emits one {@link Outcome} for each CI, as it arrives. Never errors; throws `invalid_config`
   * for a bad option.
   */
  broadcast(
    message: Message,
    options?: BroadcastOptions & { readonly stream?: false | undefined },
  ): Observable<Outcome>;
  broadcast(message: Message, options: BroadcastOptions): Observable<Outcome | Chunk>;
  /** Sends any message type of the wire. Emits one {@link Reply}, then completes. */
  request(ci: string, message: WireMessage, options?: RequestOptions): Observable<Reply>;
  /**
   * Dials all CIs, or those listed, and keeps them connected. Settles with the CIs that are up and those that are down.
   * Rejects with `unknown_ci`, `closed` or `invalid_config`.
   */
  warm(cis?: readonly string[]): Promise<WarmReport>;
  /** Adds a CI. Throws `invalid_config` for a bad address or a name in use, `closed` after `close()`. */
  add(ci: string, options: string | CiOptions): void;
  /**
   * Removes a CI once its requests have ended, or after `drainTimeoutMs`; a `close()` meanwhile can cut them earlier.
   * Settles when its sockets are closed, with what finished and what was cut. Rejects with `unknown_ci` or
   * `invalid_config`.
   */
  remove(ci: string, options?: { readonly drainTimeoutMs?: number | undefined }): Promise<DrainReport>;
  /**
   * Says whether the pool takes requests (`running`), only finishes those it has (`draining`), closes its connections
   * (`closing`), or has no socket open any more (`closed`).
   */
  readonly state: PoolSnapshot['state'];
  /** The names of the CIs. */
  readonly cis: readonly string[];
  /** Emits every change of a connection's state as it happens. Hot; completes when the pool is closed. */
  readonly states$: Observable<StateChange>;
  /** Returns the current states, queues and metrics as plain data. */
  snapshot(): PoolSnapshot;
  /**
   * Takes no more requests, lets those in flight finish for `drainTimeoutMs`, then closes. A second call returns the
   * first call's report. Rejects with `invalid_config` for a bad option; the pool then goes on.
   */
  close(options?: { readonly drainTimeoutMs?: number | undefined }): Promise<DrainReport>;
}
