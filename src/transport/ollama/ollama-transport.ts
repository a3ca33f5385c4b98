import type { Frame, Transport } from '../../contract/index.js';
import type { Chat, Part, ReadDialect } from '../http/dialect.js';
import { httpTransport } from '../http/http-transport.js';
import { readModelAddress } from '../http/model-address.js';
import { parseLine, recordIn, recordOf, textIn } from '../http/parse-line.js';

const schemes = { ollama: ['http', 11_434], 'ollama+https': ['https', 443] } as const;

/** What the daemon tells of an answer at its end: counts, and times in ns. */
const TOLD = [
  'done_reason',
  'total_duration',
  'load_duration',
  'prompt_eval_count',
  'prompt_eval_duration',
  'eval_count',
  'eval_duration',
];

const readDialect: ReadDialect = (target) => {
  const { origin, model } = readModelAddress(target, schemes);
  return {
    origin,
    headers: {},
    probePath: '/api/version',
    isThere: (status) => status === 200,
    chatPath: '/api/chat',
    bodyOf: (chat) => ({ model, messages: chat.messages, stream: true, ...optionsOf(chat) }),
    read,
    errorOf: (body) => textIn(recordOf(body), 'error'),
  };
};

/**
 * A model of an Ollama daemon as a CI, over its own API. `createPool` has it for `ollama:` and `ollama+https:`. Needs the package `undici`.
 *
 * @example
 * ```ts
 * const pool = createPool({ cis: { muse: 'ollama://localhost:11434/llama3.2' } });
 * ```
 *
 * @see `docs/transports/ollama.md`
 */
export const ollamaTransport: Transport = httpTransport(readDialect);

function optionsOf({ temperature, maxTokens }: Chat): object {
  const options = {
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { num_predict: maxTokens }),
  };
  return Object.keys(options).length === 0 ? {} : { options };
}

function read(line: string): Part {
  const said = parseLine(line);
  const error = textIn(said, 'error');
  if (error !== undefined) return { error };
  const content = textIn(recordIn(said, 'message'), 'content');
  const model = textIn(said, 'model');
  return {
    ...(content === undefined ? {} : { content }),
    ...(model === undefined ? {} : { model }),
    ...(said.done === true ? { end: true, metadata: metadataOf(said) } : {}),
  };
}

function metadataOf(said: Frame): Frame {
  return Object.fromEntries(TOLD.flatMap((name) => (said[name] === undefined ? [] : [[name, said[name]]])));
}
