import type { Frame } from '../contract/index.js';
import { isJsonObject } from '../protocol/frame-codec.js';

/** Describes a request as a CI's handler receives it. */
export interface CiRequest {
  /** `chat`, or any other type that is not `ping`, `health` or `info`. */
  readonly type: string;
  /** The text; empty if the request has none. */
  readonly content: string;
  /** The additional facts that the client sent, if any. */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** The temperature that the client asks for, if any. */
  readonly temperature?: number | undefined;
  /** The token limit that the client asks for, if any. */
  readonly maxTokens?: number | undefined;
  /** True if the client asked for a streamed answer. */
  readonly isStream: boolean;
  /** The request as it came, with all fields. */
  readonly raw: Frame;
  /**
   * Aborted when the client disconnects before the answer is complete. A client that only ends its sending side still
   * waits for its answers.
   */
  readonly signal: AbortSignal;
}

/**
 * A request that is being answered.
 *
 * @internal
 */
export class ServedRequest implements CiRequest {
  readonly type: string;
  readonly content: string;
  readonly context: Readonly<Record<string, unknown>> | undefined;
  readonly temperature: number | undefined;
  readonly maxTokens: number | undefined;
  readonly isStream: boolean;
  readonly raw: Frame;
  #controller: AbortController | undefined;
  #hasLeft = false;

  constructor(raw: Frame) {
    this.raw = raw;
    this.content = textOf(raw);
    this.type = typeOf(raw);
    this.context = isJsonObject(raw.context) ? raw.context : undefined;
    this.temperature = numberOf(raw.temperature);
    this.maxTokens = numberOf(raw.max_tokens);
    this.isStream = isStream(raw);
  }

  /** Creates the signal on first use: most handlers never read it, and one signal for a whole connection would collect listeners. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#hasLeft) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  clientLeft(): void {
    this.#hasLeft = true;
    this.#controller?.abort();
  }
}

/** Returns true if a request asks for a streamed answer. Only a chat can. */
export function isStream(raw: Frame): boolean {
  return raw.stream === true && typeOf(raw) === 'chat';
}

/** Reads the text. Some clients send it as `message`, not as `content`. */
function textOf({ content, message }: Frame): string {
  if (typeof content === 'string') return content;
  return typeof message === 'string' ? message : '';
}

/** Reads the type. A request that has a text and no type is a chat. */
function typeOf({ type, content, message }: Frame): string {
  if (typeof type === 'string') return type;
  return type === undefined && (content ?? message) !== undefined ? 'chat' : '';
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
