import type { Frame, Target, Transport } from '../../contract/index.js';
import { ChoragusError } from '../../errors/index.js';
import type { Chat, Part, ReadDialect } from '../http/dialect.js';
import { httpTransport } from '../http/http-transport.js';
import { readModelAddress } from '../http/model-address.js';
import { parseLine, recordIn, recordOf, textIn } from '../http/parse-line.js';

const schemes = { 'openai+http': ['http', 80], 'openai+https': ['https', 443] } as const;

/** Where an API begins, unless the address says something else. */
const BASE = '/v1';
const DONE = '[DONE]';

/** Options of {@link openAiTransport}. */
export interface OpenAiOptions {
  /**
   * Sent as `Authorization: Bearer`; never logged, never shown. Default: the variable `OPENAI_API_KEY`, and that to `https` alone: who
   * listens on a port in the clear is not to be told.
   */
  readonly apiKey?: string | undefined;
}

/**
 * A model behind an OpenAI-compatible API as a CI: vLLM, llama.cpp's server, LM Studio, hosted ones. `createPool` has it for
 * `openai+http:` and `openai+https:`; make one of your own for its options. Needs the package `undici`.
 *
 * @example
 * ```ts
 * const hosted = openAiTransport({ apiKey });
 * const pool = createPool({
 *   cis: { muse: 'openai+https://api.example/gpt-oss-120b' },
 *   transports: { 'openai+https': hosted },
 * });
 * ```
 *
 * @see `docs/transports/openai.md`
 */
export function openAiTransport(options: OpenAiOptions = {}): Transport {
  const readDialect: ReadDialect = (target) => {
    const { origin, model, query } = readModelAddress(target, schemes);
    const base = baseOf(query, target);
    const key = options.apiKey ?? (origin.startsWith('https:') ? process.env.OPENAI_API_KEY : undefined);
    if (key !== undefined && /[^\x21-\x7e]/.test(key)) {
      throw invalid(target, 'its API key holds a character that a header cannot');
    }
    const headers: Record<string, string> = key === undefined || key === '' ? {} : { authorization: `Bearer ${key}` };
    return {
      origin,
      headers,
      probePath: `${base}/models`,
      // Not all have the list; but who asks for a key, or fails, is not there for us.
      isThere: (status) => status < 500 && status !== 401 && status !== 403,
      chatPath: `${base}/chat/completions`,
      bodyOf: (chat) => ({ model, messages: chat.messages, stream: true, ...optionsOf(chat) }),
      read,
      errorOf: (body) => messageOf(recordOf(body)),
    };
  };
  return httpTransport(readDialect);
}

function baseOf(query: URLSearchParams, target: Target): string {
  const base = query.get('base') ?? BASE;
  if (/^(?:\/[\w.~-]+)*$/.test(base)) return base;
  throw invalid(target, '?base= takes a path, such as /openai/v1');
}

function optionsOf({ temperature, maxTokens }: Chat): object {
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
  };
}

/** A line of server-sent events; each event of these servers is one line of data. */
function read(line: string): Part | undefined {
  const data = /^data:\s?(.*?)\s*$/.exec(line)?.[1];
  if (data === undefined) return undefined;
  if (data === DONE) return { end: true };
  const said = parseLine(data);
  const error = messageOf(said);
  if (error !== undefined) return { error };
  const [choice = {}] = Array.isArray(said.choices) ? (said.choices as Frame[]) : [];
  const content = textIn(recordIn(choice, 'delta'), 'content');
  const model = textIn(said, 'model');
  const reason = textIn(choice, 'finish_reason');
  return {
    ...(content === undefined ? {} : { content }),
    ...(model === undefined ? {} : { model }),
    // Some servers say no more after it.
    ...(reason === undefined ? {} : { end: true, metadata: { finish_reason: reason } }),
  };
}

/** `{"error":{"message":…}}`, or `{"error":…}`. */
function messageOf(said: Frame): string | undefined {
  if (said.error === undefined || said.error === null) return undefined;
  return textIn(said, 'error') ?? textIn(recordIn(said, 'error'), 'message') ?? 'the server gave no reason';
}

function invalid({ ci }: Target, message: string): ChoragusError {
  return new ChoragusError('invalid_config', `CI "${ci}": ${message}`, { ci, delivery: 'not_sent' });
}
