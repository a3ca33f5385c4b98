import type { Reply } from './reply.js';

/** Which requests are written first when several wait for a place. */
export type Priority = 'high' | 'normal' | 'low';

/** Settings of a chat message. Fields beyond these travel as they are, but for `type`, `stream` and `request_id`. */
export interface ChatSettings {
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly [field: string]: unknown;
}

/**
 * A chat message with its settings. `content` is what to say, not empty. Its own fields are read once, when the request is subscribed; inherited
 * ones are not sent.
 *
 * Model servers also take `messages`: the whole conversation, the question included, as `{ role, content, … }` each, sent as they are.
 * Where both are given, `content` becomes the last message.
 */
export type ChatMessage = ChatSettings &
  (
    | { readonly content: string; readonly messages?: readonly object[] | undefined }
    | { readonly content?: undefined; readonly messages: readonly object[] }
  );

/** What `ask`, `stream` and `broadcast` take: the text alone, or the text with settings. */
export type Message = string | ChatMessage;

/** What `request` takes: any message type of the wire, field by field. The `request_id` is ours; `stream: true` is refused. */
export interface WireMessage {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Options of one request. */
export interface RequestOptions {
  /** Total time from subscription, in ms. Default: `requestTimeoutMs` (`streamTimeoutMs` for a stream). */
  readonly deadlineMs?: number | undefined;
  /** Longest wait for a connection of the CI to be up, in ms. Default: none but the deadline. */
  readonly connectTimeoutMs?: number | undefined;
  /** Cancels the request when aborted. An `AbortSignal`, or what works like one: of another realm, or a polyfill's. */
  readonly signal?: AbortSignal | undefined;
  /** Wait for a CI that is down, in place of failing at once with `unavailable`. Default: false. */
  readonly waitForReady?: boolean | undefined;
  /** Default: `normal`. */
  readonly priority?: Priority | undefined;
}

/** Options of one stream. */
export interface StreamOptions extends RequestOptions {
  /** Longest wait from the place on a connection to the first chunk, in ms. Default: `requestTimeoutMs`. */
  readonly firstChunkTimeoutMs?: number | undefined;
  /** Longest silence between two chunks, or before the end, in ms. Default: `requestTimeoutMs`. */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * Called once, right before a stream completes, with all of it in one: the whole text, the timings, and in `raw` the frame that ended it,
   * whose `metadata` holds what the CI tells of its answer (a model's counts of tokens, for instance). Not called where a stream fails
   * or is given up. What it throws is the stream's error.
   */
  readonly onEnd?: ((reply: Reply) => void) | undefined;
}

/** Options of a broadcast. */
export interface BroadcastOptions {
  /** The CIs to ask. Default: all of the pool. */
  readonly to?: readonly string[] | undefined;
  /** Total time for each CI, in ms. Default: the pool's `broadcastDeadlineMs` (2,000). */
  readonly deadlineMs?: number | undefined;
  /** Longest wait for each CI's connection, in ms. Default: the pool's `broadcastConnectTimeoutMs` (500). */
  readonly connectTimeoutMs?: number | undefined;
  /** With `stream`: longest wait from the place on a connection to the first chunk, in ms. Default: `requestTimeoutMs`. */
  readonly firstChunkTimeoutMs?: number | undefined;
  /** With `stream`: longest silence between two chunks, or before the end, in ms. Default: `requestTimeoutMs`. */
  readonly idleTimeoutMs?: number | undefined;
  /** Show each CI's chunks as they come, and then its outcome. Default: false. */
  readonly stream?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}
