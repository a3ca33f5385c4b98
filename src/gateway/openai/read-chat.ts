import type { Entry, Question } from '../question/question.js';
import { wrongField } from '../refusal.js';

/** What a client asks for, besides the question. */
export interface ChatTerms {
  readonly model: string;
  readonly question: Question;
  readonly isStream: boolean;
  /** Whether the stream ends with a chunk that has the token counts. */
  readonly includeUsage: boolean;
}

const roles = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

/** Settings that cannot be honoured, with the values that ask for nothing. */
const unsupported: Readonly<Record<string, (value: unknown) => boolean>> = {
  n: (value) => value === 1,
  audio: () => false,
  modalities: (value) => Array.isArray(value) && value.every((one) => one === 'text'),
  logprobs: (value) => value === false,
  top_logprobs: (value) => value === 0,
};
const reasons: Readonly<Record<string, string>> = {
  n: 'must be 1: a request has one answer',
  audio: 'is not supported: answers are text',
  modalities: 'must be ["text"]: answers are text',
  logprobs: 'is not supported: answers have no probabilities',
  top_logprobs: 'is not supported: answers have no probabilities',
};

/** Reads the body of a chat completion. @throws Refusal that names the field that is wrong */
export function readChat(body: Readonly<Record<string, unknown>>): ChatTerms {
  const { model, messages, stream, stream_options: streamOptions, temperature, max_tokens: max, ...rest } = body;
  const { max_completion_tokens: maxCompletion, ...settings } = rest;
  if (typeof model !== 'string' || model === '') throw wrongField('model', 'must be the name of a CI');
  const isStream = flag('stream', stream);
  return {
    model,
    isStream,
    includeUsage: isStream && readIncludeUsage(streamOptions),
    question: {
      messages: readMessages(messages),
      temperature: readTemperature(temperature),
      maxTokens: count('max_completion_tokens', maxCompletion) ?? count('max_tokens', max),
      settings: readSettings(settings),
    },
  };
}

function readMessages(messages: unknown): readonly Entry[] {
  if (!Array.isArray(messages) || messages.length === 0)
    throw wrongField('messages', 'must be a list that is not empty');
  for (const [index, entry] of (messages as readonly unknown[]).entries()) checkEntry(entry, `messages[${index}]`);
  return messages as readonly Entry[];
}

function checkEntry(entry: unknown, at: string): void {
  if (!isObject(entry)) throw wrongField(at, 'must be an object');
  if (typeof entry.role !== 'string' || !roles.has(entry.role)) {
    throw wrongField(`${at}.role`, `must be one of ${[...roles].join(', ')}`);
  }
  const { content, role } = entry;
  // An assistant that called tools, or refused, may have said nothing.
  if ((content === undefined || content === null) && role === 'assistant') return;
  if (typeof content === 'string' || (Array.isArray(content) && content.length > 0)) return;
  throw wrongField(`${at}.content`, 'must be a text, or a list of parts');
}

/** Leaves out settings that are null, which stands for the default. @throws Refusal for one that cannot be honoured */
function readSettings(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(settings)) {
    if (value === null || value === undefined) continue;
    const asksNothing = Object.hasOwn(unsupported, name) ? unsupported[name] : undefined;
    if (asksNothing === undefined) kept[name] = value;
    else if (!asksNothing(value)) throw wrongField(name, reasons[name] as string);
  }
  return kept;
}

function readIncludeUsage(options: unknown): boolean {
  if (options === undefined || options === null) return false;
  if (!isObject(options)) throw wrongField('stream_options', 'must be an object');
  return flag('stream_options.include_usage', options.include_usage);
}

function readTemperature(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && value >= 0) return value;
  throw wrongField('temperature', 'must be a number from 0');
}

function count(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
  throw wrongField(name, 'must be a whole number from 1');
}

function flag(name: string, value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  throw wrongField(name, 'must be true or false');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
