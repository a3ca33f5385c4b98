import type { Usage } from '../../contract/index.js';
import type { Answer, Piece } from '../asking.js';
import type { Fault } from '../refusal.js';
import type { StreamWriter } from '../stream-answer.js';
import { failureOf } from './failure.js';

/** What is the same in all parts of an answer. */
export interface Head {
  readonly id: string;
  /** When it was asked, in seconds since the epoch. */
  readonly created: number;
  /** The name that the client asked for. */
  readonly model: string;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Returns the head of an answer. Its id is no secret. */
export function headOf(model: string): Head {
  let id = 'chatcmpl-';
  for (let count = 0; count < 24; count += 1) id += letters[Math.floor(Math.random() * letters.length)];
  return { id, created: Math.floor(Date.now() / 1_000), model };
}

/** Returns a whole answer as a chat completion. */
export function completionOf(head: Head, answer: Answer): object {
  const { content, reasoning, refusal, toolCalls, usage } = answer;
  return {
    ...head,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: content === '' && toolCalls !== undefined ? null : content,
          refusal: refusal ?? null,
          ...(reasoning === undefined ? {} : { reasoning_content: reasoning }),
          ...(toolCalls === undefined ? {} : { tool_calls: toolCalls.map(callOf) }),
        },
        logprobs: null,
        finish_reason: finishReasonOf(answer),
      },
    ],
    ...(usage === undefined ? {} : { usage: usageOf(usage) }),
  };
}

/** The words of the API. Clients refuse others. */
const words: Readonly<Record<string, string>> = {
  stop: 'stop',
  length: 'length',
  max_tokens: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
};

/** Returns why an answer ended, in a word of the API. */
export function finishReasonOf({ finishReason, toolCalls }: Answer): string {
  const word = finishReason === undefined ? 'stop' : (words[finishReason] ?? 'stop');
  // Some servers say "stop" after tool calls; then clients would not make them.
  return word === 'stop' && toolCalls !== undefined && toolCalls.length > 0 ? 'tool_calls' : word;
}

/** Returns token counts in the form of the API. */
export function usageOf({ inputTokens, outputTokens, totalTokens, reasoningTokens, cachedTokens }: Usage): object {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: totalTokens,
    ...(cachedTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: cachedTokens } }),
    ...(reasoningTokens === undefined ? {} : { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  };
}

function callOf(call: { readonly id?: string; readonly name: string; readonly arguments: string }, index: number) {
  return {
    id: call.id ?? `call_${index}`,
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  };
}

/** The end of a stream that is whole. */
const DONE = 'data: [DONE]\n\n';

/** Writes a streamed answer as the events of the API. */
export class ChunkWriter implements StreamWriter {
  /** The beginning of each event, up to its choices. */
  readonly #head: string;
  readonly #includeUsage: boolean;
  #hasRole = false;
  /** The tool calls that have begun, by index. */
  readonly #calls = new Set<number>();

  constructor({ id, created, model }: Head, includeUsage: boolean) {
    const head = { id, object: 'chat.completion.chunk', created, model };
    this.#head = `data: ${JSON.stringify(head).slice(0, -1)},"choices":`;
    this.#includeUsage = includeUsage;
  }

  piece(piece: Piece): string {
    return this.#event(this.#deltaOf(piece), 'null');
  }

  end(answer: Answer): string {
    const { usage } = answer;
    const last = this.#event('', JSON.stringify(finishReasonOf(answer)));
    if (!this.#includeUsage || usage === undefined) return last + DONE;
    return `${last}${this.#head}[],"usage":${JSON.stringify(usageOf(usage))}}\n\n${DONE}`;
  }

  failure(fault: Fault): string {
    return `data: ${JSON.stringify(failureOf(fault))}\n\n`;
  }

  #event(delta: string, finish: string): string {
    const role = this.#hasRole ? '' : `"role":"assistant"${delta === '' ? '' : ','}`;
    this.#hasRole = true;
    return `${this.#head}[{"index":0,"delta":{${role}${delta}},"logprobs":null,"finish_reason":${finish}}]}\n\n`;
  }

  #deltaOf({ kind, content, toolCall }: Piece): string {
    if (kind === 'text') return `"content":${JSON.stringify(content)}`;
    if (kind === 'reasoning') return `"reasoning_content":${JSON.stringify(content)}`;
    if (kind === 'refusal') return `"refusal":${JSON.stringify(content)}`;
    const { index = 0, id, name } = toolCall ?? {};
    const isFirst = !this.#calls.has(index);
    this.#calls.add(index);
    const begun = isFirst ? { index, id: id ?? `call_${index}`, type: 'function' } : { index };
    const called = isFirst ? { name: name ?? '', arguments: content } : { arguments: content };
    return `"tool_calls":[${JSON.stringify({ ...begun, function: called })}]`;
  }
}
