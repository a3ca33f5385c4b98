import type { Frame } from '../../contract/index.js';
import type { Answer } from './answer.js';

/** A chat of the wire, as models take it. */
export interface Chat {
  /** What is asked, what was said before it, and before that the system's prompt. */
  readonly messages: readonly object[];
  readonly temperature: unknown;
  readonly maxTokens: unknown;
  /** All other fields of the message: the server's own options, which travel as they are. */
  readonly fields: Frame;
}

/** How one kind of server is asked, and what it answers. */
export interface ChatDialect {
  /** What says that the server is there, without any work for it. */
  readonly probePath: string;
  readonly chatPath: string;
  readonly model: string;
  /** Where the API key comes from, for a user whose key is refused. */
  readonly keyPlace: string;
  /** Whether tokens are counted where that is asked for alone. */
  readonly countsWhenAsked: boolean;
  /** The body of a request whose answer is streamed; `usage`: ask for the count of tokens, where that is an option. */
  bodyOf(chat: Chat, usage: 'asked' | 'not asked'): object;
  /** Tells the answer what a value of the stream says. */
  read(value: Frame, answer: Answer): void;
  /** The error that a value of the stream tells of, in the server's words; undefined where it tells of none. */
  errorIn(value: Frame): string | undefined;
}
