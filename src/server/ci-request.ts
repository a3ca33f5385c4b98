import type { Frame } from '../contract/index.js';

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
  /** Aborted when the client leaves before the answer is complete. */
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
    this.type = typeof raw.type === 'string' ? raw.type : '';
    this.content = typeof raw.content === 'string' ? raw.content : '';
    this.context = isRecord(raw.context) ? raw.context : undefined;
    this.temperature = numberOf(raw.temperature);
    this.maxTokens = numberOf(raw.max_tokens);
    this.isStream = this.type === 'chat' && raw.stream === true;
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

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
