import type { ChoragusError, Code, Delivery, Phase, Timings } from '../errors/index.js';
import type { Frame } from './frame.js';
import type { Incident } from './incident.js';
import type { Pool } from './pool.js';
import type { Reply, Usage } from './reply.js';
import type { StateChange } from './status.js';
import type { TraceCarrier } from './trace-carrier.js';

/**
 * Describes one request on the channels `tracing:choragus:request:*`, `choragus:request:written` and
 * `choragus:request:first_chunk`. All events of a request pass the same object, and its fields change as the request
 * goes on. Stable: fields may be added.
 *
 * @example
 * ```ts
 * import diagnosticsChannel from 'node:diagnostics_channel';
 *
 * diagnosticsChannel.subscribe('tracing:choragus:request:asyncEnd', (message) => {
 *   const { ci, outcome, timings } = message as RequestContext;
 *   console.log(ci, outcome, timings?.totalMs);
 * });
 * ```
 */
export interface RequestContext {
  /** The pool that the request was made with. */
  readonly pool: Pool;
  /** The CI's name. */
  readonly ci: string;
  /** The CI's address, without credentials. */
  readonly url: string;
  /** The method that made the request: a broadcast makes `ask` or `stream` for each CI. `carry`: a client of a proxy. */
  readonly operation: 'ask' | 'stream' | 'request' | 'carry';
  /** The request's type on the wire, such as `chat`; `''` for a proxy's line without one. */
  readonly type: string;
  /** The message as it was given, not a copy. For `carry`, the client's line. It is content: do not log it. */
  readonly message: unknown;
  /**
   * The trace that the CI gets with the request. A subscriber of `start` may set it; afterwards it is what was valid of
   * that. Sent as headers to a model server, and as `_meta` in the line to a CI with the option `traceContext`. Default:
   * undefined.
   */
  carrier: TraceCarrier | undefined;
  /** The connection that took the request, such as `apollo#1`; undefined before that. */
  readonly connection: string | undefined;
  /** False if a connection was opened for this request, else true; undefined before a connection took it. */
  readonly reused: boolean | undefined;
  /** Whether the peer can have seen the request, as far as is known now. `answered` after an answer. */
  readonly delivery: Delivery;
  /** How the request ended; undefined before that. `cancelled`: its subscription ended first. */
  readonly outcome: 'answered' | 'failed' | 'cancelled' | undefined;
  /** The code of the failure; `cancelled` also for a request whose subscription ended first. Else undefined. */
  readonly code: Code | undefined;
  /** The phase in which the request failed or was cancelled. Else undefined. */
  readonly phase: Phase | undefined;
  /** The error that the subscriber gets, if the request failed. */
  readonly error: ChoragusError | undefined;
  /** Where the request's time went; undefined before its end. */
  readonly timings: Timings | undefined;
  /** The answer, for a stream the whole of it; undefined before the end, on failure, and for `carry`. */
  readonly reply: Reply | undefined;
  /** The tokens that the answer cost, if the CI reports them; undefined before the end. */
  readonly usage: Usage | undefined;
}

/**
 * Describes one request that `serveCi` answers, on the channels `tracing:choragus:serve:*`. All events of a request pass
 * the same object. Requests of the types `ping`, `health` and `info` publish nothing. Stable: fields may be added.
 *
 * @example
 * ```ts
 * import diagnosticsChannel from 'node:diagnostics_channel';
 *
 * diagnosticsChannel.subscribe('tracing:choragus:serve:start', (message) => {
 *   const context = message as ServeContext;
 *   context.run = (handle) => store.run(context.carrier?.traceparent, handle);
 * });
 * ```
 */
export interface ServeContext {
  /** The CI's name, its `ai_id` on the wire. */
  readonly ci: string;
  /** The request's type, such as `chat`. */
  readonly type: string;
  /** True if the client asked for a streamed answer. */
  readonly isStream: boolean;
  /** The request as it came, not a copy. It is content: do not log it. */
  readonly request: Frame;
  /** The trace context that came with the request, if it is valid. */
  readonly carrier: TraceCarrier | undefined;
  /**
   * Calls the handler. A subscriber of `start` may set it, to run the handler in an async context of its own: it must
   * call `handle` at once. If it throws or does not call, the handler is called without it. Default: undefined.
   */
  run: ((handle: () => void) => void) | undefined;
  /** How the answer ended; undefined before that. `cancelled`: the client left first. */
  readonly outcome: 'answered' | 'failed' | 'cancelled' | undefined;
  /** The exception of the handler, if the answer failed. */
  readonly error: unknown;
}

/** Describes a change of a connection's state on the channel `choragus:connection:state`. Stable: fields may be added. */
export interface ConnectionStateMessage extends StateChange {
  /** The connection's pool. */
  readonly pool: Pool;
}

/** Describes an incident on the channel `choragus:incident`. Stable: fields may be added. */
export interface IncidentMessage extends Incident {
  /** The CI's pool. */
  readonly pool: Pool;
}

/**
 * Describes the answer to an abandoned request, which was dropped, on the channel `choragus:late_reply`. Each frame of
 * a late stream counts. Stable: fields may be added.
 */
export interface LateReplyMessage {
  /** The CI's pool. */
  readonly pool: Pool;
  /** The CI's name. */
  readonly ci: string;
  /** The connection's name, such as `apollo#1`. */
  readonly connection: string;
  /** Wall-clock time, ms since the epoch. */
  readonly at: number;
}
