import { createParser, type EventSourceParser, type ParseError } from 'eventsource-parser';
import type { Frame } from '../../contract/index.js';
import { peerWords, replyTooLarge, unreadablePart } from '../../errors/index.js';
import { isJsonObject } from '../../protocol/frame-codec.js';
import { JsonValues } from './json-values.js';

/** The longest piece of what cannot be read that an error shows, in characters. */
const SHOWN = 200;
/** The longest text without events or JSON that is kept, in characters. */
const MOST_TEXT = 65_536;
/** So many characters tell what a body is. */
const ENOUGH = 16;

/** Who is told what a body says. */
export interface Listener {
  /** Whether the answer is over: what comes then is not looked at. */
  readonly isOver?: boolean;
  /** A JSON object, and the type of the event that it came in, where there was one. */
  value(value: Frame, event: string | undefined): void;
  /** The server said that all has come. */
  done(): void;
}

/**
 * Reads the body of an answer, as the bytes come: server-sent events, JSON values one after the other, or one JSON value; which of them it
 * is, the body itself shows, since servers answer a request for a stream by either. What is none of them is kept as `text`.
 *
 * Bytes are decoded once, as a stream: a character that is cut between two packets stays whole.
 */
export class AnswerReader {
  readonly #listener: Listener;
  readonly #maxCharacters: number;
  readonly #isStream: boolean;
  readonly #decoder = new TextDecoder();
  #begun = '';
  #push: ((text: string) => void) | undefined;
  #finish: () => void = () => {};
  #text = '';

  /** @param isStream - Whether the server says that events come (`text/event-stream`): then a body may begin with any field. */
  constructor(listener: Listener, maxCharacters: number, isStream = false) {
    this.#isStream = isStream;
    this.#listener = listener;
    this.#maxCharacters = maxCharacters;
  }

  /** What came and is neither an event nor JSON. */
  get text(): string {
    return this.#text;
  }

  /** @throws ChoragusError `protocol_error` for what cannot be read, `reply_too_large` for a value that is too long. */
  push(bytes: Uint8Array): void {
    this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  /** No more comes: what waits for its end has it now. @throws as `push` */
  end(): void {
    this.#take(this.#decoder.decode());
    if (this.#push === undefined) this.#begin();
    this.#finish();
  }

  #take(text: string): void {
    if (this.#push !== undefined) return this.#push(text);
    this.#begun += text;
    const seen = this.#begun.trimStart();
    if (seen.length >= ENOUGH || /^[{[<:]|:|\n/.test(seen)) this.#begin();
    else if (seen === '') this.#begun = '';
  }

  /** Enough has come to tell what the body is. */
  #begin(): void {
    const begun = this.#begun.trimStart();
    this.#begun = '';
    if (/^[{[]/.test(begun)) this.#readValues();
    else if (/^(?:(?:data|event|id|retry|error)[ \t]*)?:/.test(begun)) this.#readEvents();
    else if (this.#isStream && !begun.startsWith('<')) this.#readEvents();
    else this.#push = (text) => this.#keep(text);
    this.#push?.(begun);
  }

  #readValues(): void {
    const values = new JsonValues((text) => this.#event(text, undefined));
    this.#push = (text) => {
      values.push(text);
      this.#bound(values.pending);
    };
    this.#finish = () => values.end();
  }

  #readEvents(): void {
    const parser = createParser({
      onEvent: ({ data, event }) => this.#event(data, event),
      onError: (error) => this.#unknown(error),
      maxBufferSize: this.#maxCharacters,
    });
    let line = '';
    this.#push = (text) => {
      // Whole lines, so that those without data can be seen below.
      const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
      if (end > 0) feed(parser, line + text.slice(0, end));
      line = end > 0 ? text.slice(end) : line + text;
      this.#bound(line.length);
    };
    // The last event may lack the blank line that ends it.
    this.#finish = () => feed(parser, `${line}\n\n`);
  }

  #event(data: string, event: string | undefined): void {
    this.#bound(data.length);
    if (this.#listener.isOver === true) return;
    if (event === 'error') return this.#listener.value(errorValue(data), event);
    this.#value(data, event);
    if (event === 'done') this.#listener.done();
  }

  #value(text: string, event: string | undefined): void {
    const data = text.trim();
    if (data === '' || data === 'null') return;
    if (isDone(data)) return this.#listener.done();
    const value = parsed(data);
    if (value === undefined) return this.#values(data, event);
    if (!isJsonObject(value)) throw unreadablePart('is not a JSON object', peerWords(data, SHOWN));
    this.#listener.value(value, event);
  }

  /** Events that were not told apart by a blank line, perhaps: a value a line. */
  #values(data: string, event: string | undefined): void {
    const texts: string[] = [];
    const values = new JsonValues((text) => texts.push(text));
    values.push(data);
    values.end();
    if (texts.length < 2) throw unreadablePart('is not JSON', peerWords(data, SHOWN));
    for (const text of texts) this.#event(text, event);
  }

  /** A line of events that is no field of theirs: an error of llama.cpp (`error: {…}`), a bare JSON object, or anything. */
  #unknown({ type, field, value = '', line = '' }: ParseError): void {
    if (type === 'max-buffer-size-exceeded')
      throw replyTooLarge('a part of an answer', this.#maxCharacters, 'characters');
    if (type !== 'unknown-field') return;
    if (this.#listener.isOver === true) return;
    if (field?.trimEnd() === 'error') this.#listener.value({ error: parsed(value) ?? value }, undefined);
    else if (/^\s*\{/.test(line)) this.#event(line, undefined);
    else this.#keep(`${line}\n`);
  }

  #keep(text: string): void {
    if (this.#text.length < MOST_TEXT) this.#text += text.slice(0, MOST_TEXT - this.#text.length);
  }

  #bound(characters: number): void {
    if (characters > this.#maxCharacters) throw replyTooLarge('a part of an answer', this.#maxCharacters, 'characters');
  }
}

/** Not by `^` and `$`: they take characters for line ends that end no line of events. */
const EVENT_ALONE = /(?<=^|[\r\n])(event:[ \t]*(?:done|error)[ \t]*)(?=[\r\n])/g;

/** Events that say all by their type need no data, and a parser would not tell of them. */
function feed(parser: EventSourceParser, lines: string): void {
  parser.feed(lines.includes('event:') ? lines.replace(EVENT_ALONE, '$1\ndata:') : lines);
}

function isDone(data: string): boolean {
  return data === '[DONE]' || data === '"[DONE]"' || data === 'DONE';
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

/** What an event of an error says: an object, or a text. */
function errorValue(data: string): Frame {
  const value = parsed(data) ?? data.trim();
  return isJsonObject(value) ? value : { error: value };
}
