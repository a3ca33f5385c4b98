import type { Frame } from '../../contract/index.js';
import { peerWords } from '../../errors/index.js';
import { isJsonObject } from '../../protocol/frame-codec.js';
import { AnswerReader } from './answer-reader.js';
import { recordIn } from './fields.js';

/** Fields in which servers explain an error, the most useful first. */
const FIELDS = ['message', 'msg', 'error', 'detail', 'details', 'reason', 'title', 'description', 'error_description'];
/** The deepest nesting that is searched. */
const MOST_DEPTH = 5;
const NO_REASON = 'the server gave no reason';

/**
 * Returns the error that a value of an answer contains, in the server's words; undefined if it is not an error.
 *
 * An error has a non-empty `error`, or the type `error`, or `message` or `detail` alone if the value is not an answer.
 */
export function errorIn(value: Frame, isAnswer: boolean): string | undefined {
  if (isSomething(value.error)) return wordsOf(value.error) ?? wordsOf({ ...value, error: undefined }) ?? NO_REASON;
  if (value.object === 'error' || value.type === 'error') return wordsOf(value) ?? NO_REASON;
  // MiniMax.
  const { status_code, status_msg } = recordIn(value, 'base_resp');
  if (isSomething(status_code)) return wordsOf(status_msg) ?? `status ${status_code}`;
  if (isAnswer || (typeof value.message !== 'string' && value.detail === undefined)) return undefined;
  return wordsOf(value);
}

/** Returns the words of a value that is known to be an error. */
export function errorOf(value: Frame): string {
  return wordsOf(value) ?? NO_REASON;
}

/**
 * Returns the words of a body that is known to be an error, in any form: JSON, events, an HTML page, text. Undefined if
 * it is empty.
 */
export function errorInBody(body: Uint8Array): string | undefined {
  let words: string | undefined;
  const listener = {
    value: (value: Frame) => {
      words ??= wordsOf(value);
    },
    done: () => {},
  };
  const reader = new AnswerReader(listener, Number.MAX_SAFE_INTEGER);
  try {
    reader.push(body);
    reader.end();
  } catch {
    // JSON that was cut, or an array: shown as text.
  }
  return words ?? textWords(reader.text === '' ? new TextDecoder().decode(body) : reader.text);
}

/** Returns the words of a text: the title of an HTML page, or else its visible text. */
export function textWords(text: string): string | undefined {
  const page = text.trimStart();
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(page)?.[1]?.trim();
  if (title !== undefined && title !== '') return peerWords(unescaped(title));
  if (!page.startsWith('<')) return filled(peerWords(page));
  return filled(peerWords(unescaped(page.replace(/<(?:script|style)[\s\S]*?<\/(?:script|style)>|<[^>]*>/gi, ' '))));
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function unescaped(html: string): string {
  return html.replace(/&(?:([a-z]+)|#39);/gi, (whole, name?: string) => ENTITIES[name ?? 'apos'] ?? whole);
}

function wordsOf(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') return filled(peerWords(value));
  if (typeof value === 'number') return String(value);
  if (!isSomething(value) || depth > MOST_DEPTH) return undefined;
  if (Array.isArray(value)) return filled(peerWords(value.flatMap((one) => wordsOf(one, depth + 1) ?? []).join('; ')));
  if (!isJsonObject(value)) return undefined;
  for (const name of FIELDS) {
    const words = wordsOf(value[name], depth + 1);
    if (words !== undefined) return withPlace(value, words);
  }
  return peerWords(JSON.stringify(value));
}

/** Adds the field of the request that is wrong, which FastAPI names in `loc`. */
function withPlace({ loc }: Frame, words: string): string {
  return Array.isArray(loc) && loc.length > 0 ? peerWords(`${loc.join('.')}: ${words}`) : words;
}

/**
 * Returns whether a value is not empty. `""`, `null`, `{}`, `false`, 0, and lists or objects of these mean that there
 * is no error.
 */
export function isSomething(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() !== '';
  if (typeof value !== 'object') return Boolean(value);
  return value !== null && Object.values(value).some(isSomething);
}

function filled(words: string): string | undefined {
  return words === '' ? undefined : words;
}
