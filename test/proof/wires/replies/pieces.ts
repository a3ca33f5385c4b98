import type { Usage } from '../../../../src/index.js';
import type { Answer, Failure, Outcomes } from './row.js';

/** Three bytes, four bytes and a combined emoji: cut at every byte, they are cut in the middle. */
export const FIRST = 'Grüße 👋🏽';
export const SECOND = ' – 5 €';
export const TEXT = FIRST + SECOND;

// Server-sent events, as OpenAI-like servers write them.

/** One event. */
export const event = (data: unknown): string => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;

/** Returns the JSON of a chunk with one choice: short, since rows send it byte by byte. */
export const chunkOf = (delta: unknown, finish_reason?: unknown, more: object = {}) => ({
  choices: [{ index: 0, delta, finish_reason }],
  ...more,
});

/** An event with one choice. */
export const chunk = (delta: unknown, reason?: unknown, more: object = {}): string =>
  event(chunkOf(delta, reason, more));

/** An event that carries a piece of the text. */
export const piece = (content: unknown, reason?: unknown, more: object = {}): string =>
  chunk({ content }, reason, more);

export const STOP = chunk({}, 'stop');
export const DONE = 'data: [DONE]\n\n';
/** The whole text, in two pieces. */
export const PIECES = piece(FIRST) + piece(SECOND);
export const END = STOP + DONE;

/** A tool call's piece. */
export const toolPiece = (...tool_calls: unknown[]): string => chunk({ tool_calls });

// Lines, as Ollama writes them.

/** One line. */
export const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** The JSON of a line that carries a part of a message. */
export const saidOf = (message: object, more: object = {}) => ({
  message: { role: 'assistant', content: '', ...message },
  done: false,
  ...more,
});

/** A line that carries a part of a message. */
export const said = (message: object, more: object = {}): string => line(saidOf(message, more));

/** A line that carries a piece of the text. */
export const saidText = (content: unknown): string => said({ content });

/** The last line. */
export const done = (more: object = { done_reason: 'stop' }): string => said({}, { done: true, ...more });

export const SAID = saidText(FIRST) + saidText(SECOND);

// What the user sees.

/** An answer that ended with a reason. */
export const answer = (text: string, more: Omit<Answer, 'text'> = { finishReason: 'stop' }): Answer => ({
  text,
  ...more,
});
export const STOPPED = answer(TEXT);
export const usage = (inputTokens: number, outputTokens: number, more: Partial<Usage> = {}): Usage => ({
  inputTokens,
  outputTokens,
  totalTokens: inputTokens + outputTokens,
  ...more,
});

/** The body ended before the answer did. */
export const cut = (partial = '', more: Partial<Failure> = {}): Failure => ({
  code: 'protocol_error',
  delivery: 'maybe_sent',
  partial,
  says: 'cut',
  ...more,
});

/** The socket was lost before the answer ended. */
export const lost = (partial = ''): Failure => ({ code: 'connection_lost', delivery: 'maybe_sent', partial });

/** The server reported a failure. */
export const failed = (says: Failure['says'], partial = '', more: Partial<Failure> = {}): Failure => ({
  code: 'ci_error',
  delivery: 'answered',
  partial,
  ...(says !== undefined && { says }),
  ...more,
});

/** The server sent something unreadable. */
export const garbled = (partial = '', says?: Failure['says']): Failure => ({
  code: 'protocol_error',
  partial,
  ...(says !== undefined && { says }),
});

/** Nothing ends the answer except the deadline. `partial` of a stream has the text so far; of `ask` it may. */
export const waited = (partial = ''): Failure[] =>
  ['', partial].map((one) => ({ code: 'deadline_exceeded', delivery: 'maybe_sent', partial: one }));

/** The body ends after a finish reason without text beside it: all ends except silence lead to the answer at once. */
export const bodyEnds = (expected: Answer): Outcomes => ({ clean: expected, reset: expected, fin: expected });

/** Neither a finish reason nor an end came. */
export const cutShort = (partial = ''): Outcomes => ({
  clean: cut(partial),
  reset: lost(partial),
  fin: [cut(partial, { says: [] }), lost(partial)],
});
