import { createParser, type EventSourceParser, type ParseError } from 'eventsource-parser';
import type { Frame } from '../../contract/index.js';
import { peerWords, replyTooLarge, unreadablePart } from '../../errors/index.js';
import { isJsonObject } from '../../protocol/frame-codec.js';
import { JsonValues } from './json-values.js';

/** The longest unreadable part that an error shows, in characters. */
const SHOWN = 200;
/** The longest text without events or JSON that is kept, in characters. */
const MOST_TEXT = 65_536;
/** The number of characters that show what a body is. */
const ENOUGH = 16;

/** Receives what a body contains. */
export interface Listener {
  /** True once the answer is complete: the rest of the body is ignored. */
  readonly isOver?: boolean;
  /** Called with a JSON object, and with the type of its event, if it came in one. */
  value(value: Frame, event: string | undefined): void;
  /** Called when the server says that the answer is complete. */
  done(): void;
}

/**
 * Reads the body of an answer as its bytes arrive: server-sent events, several JSON values, or one. The body itself
 * shows which it is, because servers answer a request for a stream with any of them. A body of another form is kept as
 * `text`.
 *
 * The bytes are decoded as one stream, so a character that is split between two packets stays whole.
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

  /**
   * @param isStream - True if the server declares events (`text/event-stream`): then the body may begin with any field.
   */
  constructor(listener: Listener, maxCharacters: number, isStream = false) {
    this.#isStream = isStream;
    this.#listener = listener;
    this.#maxCharacters = maxCharacters;
  }

  /** Returns the text that is neither an event nor JSON. */
  get text(): string {
    return this.#text;
  }

  /** @throws ChoragusError `protocol_error` for an unreadable part, `reply_too_large` for a value that is too long. */
  push(bytes: Uint8Array): void {
    this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Ends the body, and reads what waited for its end. @throws as `push` */
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

  /** Decides what the body is, once enough of it has arrived. */
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
      // Feeds whole lines, so that events without data can be found in them.
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

  /** Reads data of several lines as one value a line: some servers omit the blank line between events. */
  #values(data: string, event: string | undefined): void {
    const texts: string[] = [];
    const values = new JsonValues((text) => texts.push(text));
    values.push(data);
    values.end();
    if (texts.length < 2) throw unreadablePart('is not JSON', peerWords(data, SHOWN));
    for (const text of texts) this.#event(text, event);
  }

  /**
   * Reads a line that is not a field of an event: an error of llama.cpp (`error: {…}`), a bare JSON object, or other
   * text.
   */
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

/** Does not use `^` and `$`: they accept characters as line ends that end no line of an event stream. */
const EVENT_ALONE = /(?<=^|[\r\n])(event:[ \t]*(?:done|error)[ \t]*)(?=[\r\n])/g;

/** Adds empty data to events that have only a type. The parser would ignore them. */
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

/** Returns the value of an error event: an object, or a text. */
function errorValue(data: string): Frame {
  const value = parsed(data) ?? data.trim();
  return isJsonObject(value) ? value : { error: value };
}
