import type { Frame, TraceCarrier } from '../../contract/index.js';
import type { Answer } from './answer.js';

/** A chat of the wire in the form that model servers take. */
export interface Chat {
  /** The system prompt, the earlier messages, and the question. */
  readonly messages: readonly object[];
  readonly temperature: unknown;
  readonly maxTokens: unknown;
  /** All other fields of the message: options of the server, sent unchanged. */
  readonly fields: Frame;
  /** The trace context of the message, sent as headers. */
  readonly trace: TraceCarrier | undefined;
}

/** The paths, bodies and fields of one kind of server. */
export interface ChatDialect {
  /** A path that shows that the server is up, and costs it no work. */
  readonly probePath: string;
  readonly chatPath: string;
  readonly model: string;
  /** Names the source of the API key, for the error of a refused key. */
  readonly keyPlace: string;
  /** Whether the server counts tokens only on request. */
  readonly countsWhenAsked: boolean;
  /** Returns the body of a streamed request; `usage`: whether to ask for token counts, if that is an option. */
  bodyOf(chat: Chat, usage: 'asked' | 'not asked'): object;
  /** Adds a value of the stream to the answer. */
  read(value: Frame, answer: Answer): void;
  /** Returns the error that a value contains, in the server's words; undefined if there is none. */
  errorIn(value: Frame): string | undefined;
}
