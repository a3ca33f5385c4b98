import type { Reply } from './reply.js';

/** Orders the requests that wait for a slot: `high` first, `low` last. */
export type Priority = 'high' | 'normal' | 'low';

/**
 * Describes the settings of a chat message. Other fields are sent unchanged, except `type`, `stream` and `request_id`.
 */
export interface ChatSettings {
  /** Facts for the CI, as a JSON object. For model servers, `context.system` is the system prompt. Default: none. */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** The model's temperature. Default: the CI's. */
  readonly temperature?: number | undefined;
  /** Largest number of tokens of the answer; sent as `max_tokens`. Default: the CI's. */
  readonly maxTokens?: number | undefined;
  readonly [field: string]: unknown;
}

/**
 * Describes a chat message with its settings. `content` is the text, not empty. The object's own fields are read once,
 * on subscription; inherited ones are not sent.
 *
 * Model servers also take `messages`: the whole conversation, the question included, as `{ role, content, … }` objects,
 * sent unchanged. With both, `content` becomes the last message.
 */
export type ChatMessage = ChatSettings &
  (
    | { readonly content: string; readonly messages?: readonly object[] | undefined }
    | { readonly content?: undefined; readonly messages: readonly object[] }
  );

/** Describes what `ask`, `stream` and `broadcast` send: a text, or a text with settings. */
export type Message = string | ChatMessage;

/**
 * Describes what `request` sends: any message type of the wire. `request_id` is set by the pool; `stream: true` is
 * refused.
 */
export interface WireMessage {
  /** The message's type, such as `info`. */
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Configures one request. */
export interface RequestOptions {
  /** Total time from subscription, in ms. Default: `requestTimeoutMs` (`streamTimeoutMs` for a stream). */
  readonly deadlineMs?: number | undefined;
  /** Longest wait for a connection to the CI, in ms. Default: only the deadline bounds it. */
  readonly connectTimeoutMs?: number | undefined;
  /** Cancels the request when aborted. An `AbortSignal`, also one of another realm or of a polyfill. Default: none. */
  readonly signal?: AbortSignal | undefined;
  /** If true, waits for a CI that is down. If false, fails at once with `unavailable`. Default: false. */
  readonly waitForReady?: boolean | undefined;
  /** Order among the requests that wait for a slot. Default: `normal`. */
  readonly priority?: Priority | undefined;
}

/** Configures one stream. */
export interface StreamOptions extends RequestOptions {
  /** Longest wait from the slot to the first chunk, in ms. Default: `requestTimeoutMs`. */
  readonly firstChunkTimeoutMs?: number | undefined;
  /** Longest silence between two chunks, or before the end, in ms. Default: `requestTimeoutMs`. */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * Called once, right before the stream completes, with the whole of it as a reply: the text, the timings, and in
   * `raw` the frame that ended it, whose `metadata` holds what the CI reports about its answer, such as token counts.
   * Not called if the stream fails or is cancelled. An exception that it throws becomes the stream's error. Default:
   * none.
   */
  readonly onEnd?: ((reply: Reply) => void) | undefined;
}

/** Configures a broadcast. */
export interface BroadcastOptions {
  /** The CIs to ask. Default: all of the pool. */
  readonly to?: readonly string[] | undefined;
  /** Total time for each CI, in ms. Default: the pool's `broadcastDeadlineMs` (2,000). */
  readonly deadlineMs?: number | undefined;
  /** Longest wait for each CI's connection, in ms. Default: the pool's `broadcastConnectTimeoutMs` (500). */
  readonly connectTimeoutMs?: number | undefined;
  /** With `stream`: longest wait from the slot to the first chunk, in ms. Default: `requestTimeoutMs`. */
  readonly firstChunkTimeoutMs?: number | undefined;
  /** With `stream`: longest silence between two chunks, or before the end, in ms. Default: `requestTimeoutMs`. */
  readonly idleTimeoutMs?: number | undefined;
  /** If true, emits each CI's chunks as they arrive, then its outcome. Default: false. */
  readonly stream?: boolean | undefined;
  /** Cancels all requests of the broadcast when aborted. Default: none. */
  readonly signal?: AbortSignal | undefined;
}
