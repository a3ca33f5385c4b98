import type { Frame } from '../contract/index.js';
import { isJsonObject } from '../protocol/frame-codec.js';

/** A request as a CI's handler gets it. */
export interface CiRequest {
  /** `chat`, or any other type that is not `ping`, `health` or `info`. */
  readonly type: string;
  /** The text; empty where the request carries none. */
  readonly content: string;
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
  /** True when the client asked for the answer piece by piece. */
  readonly isStream: boolean;
  /** The request as it came, all fields. */
  readonly raw: Frame;
  /**
   * Aborted when the client leaves before the answer is complete. A client that only ends its side has asked its last question, and still
   * waits.
   */
  readonly signal: AbortSignal;
}

/**
 * A request under way.
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

  /** Made when asked for: most handlers do not, and one signal for a whole connection would collect their listeners. */
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

/** Whether a request asks for its answer piece by piece: a chat can. */
export function isStream(raw: Frame): boolean {
  return raw.stream === true && typeOf(raw) === 'chat';
}

/** Some clients say `message` for `content`. */
function textOf({ content, message }: Frame): string {
  if (typeof content === 'string') return content;
  return typeof message === 'string' ? message : '';
}

/** A message without a type is a chat. */
function typeOf({ type, content, message }: Frame): string {
  if (typeof type === 'string') return type;
  return type === undefined && (content ?? message) !== undefined ? 'chat' : '';
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
