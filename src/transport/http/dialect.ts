import type { Frame, Target } from '../../contract/index.js';

/** One thing that was said before, or is to be kept to. */
export interface ChatLine {
  readonly role: string;
  readonly content: string;
}

/** A chat of the wire, as models take it. */
export interface Chat {
  /** What is asked, what was said before it, and before that the system's prompt. */
  readonly messages: readonly ChatLine[];
  readonly temperature: number | undefined;
  readonly maxTokens: number | undefined;
}

/** What a line of an answer says. */
export interface Part {
  /** The next piece of the text. */
  readonly content?: string;
  readonly model?: string;
  /** What the server tells of the answer, at its end. */
  readonly metadata?: Frame;
  /** The answer is a failure, in the server's words. */
  readonly error?: string;
  /** Nothing more comes. */
  readonly end?: true;
}

/** How one kind of server is asked, and what it answers. */
export interface ChatDialect {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What says that the server is there: asked at the dial, and as the heartbeat. */
  readonly probePath: string;
  /** Whether this status says that it is there. */
  isThere(status: number): boolean;
  readonly chatPath: string;
  /** The body of a request whose answer is streamed. */
  bodyOf(chat: Chat): object;
  /** What a line says; nothing, where it says nothing to us. @throws ChoragusError `protocol_error` */
  read(line: string): Part | undefined;
  /** The error of an answer with another status than 200, by its body. */
  errorOf(body: string): string | undefined;
}

/** Reads a target's address. @throws ChoragusError `invalid_config` */
export type ReadDialect = (target: Target) => ChatDialect;
