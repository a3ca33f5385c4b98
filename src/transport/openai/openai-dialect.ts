import type { Frame } from '../../contract/index.js';
import { isJsonObject } from '../../protocol/frame-codec.js';
import type { Answer } from '../http/answer.js';
import type { Chat } from '../http/dialect.js';
import { errorIn, isSomething } from '../http/error-words.js';
import { contentIn, recordIn, textIn } from '../http/fields.js';

/** Fields of an event that the reply shows elsewhere. */
const SHOWN: ReadonlySet<string> = new Set(['choices', 'model']);

/** Returns the body of a chat. `maxTokensField` is the server's name of the token limit. */
export function bodyOf(model: string, maxTokensField: string, chat: Chat, usage: 'asked' | 'not asked'): object {
  const { messages, temperature, maxTokens, fields } = chat;
  return {
    model,
    ...(usage === 'asked' ? { stream_options: { include_usage: true } } : {}),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { [maxTokensField]: maxTokens }),
    ...fields,
    messages,
    stream: true,
  };
}

/**
 * Returns the error of a value: its own, or that of its choice. A choice whose finish reason is `error` has failed,
 * whatever came before. A value without `choices` is not an answer; token counts come with an empty list of them.
 */
export function errorOfValue(value: Frame): string | undefined {
  const error = errorIn(value, value.choices !== undefined && value.choices !== null);
  if (error !== undefined) return error;
  const failed = choicesOf(value).find((choice) => isSomething(choice.error) || choice.finish_reason === 'error');
  if (failed === undefined) return undefined;
  return errorIn(failed, true) ?? 'the server ended the answer with the finish reason "error"';
}

/** Adds an event to the answer, or a whole answer that came instead of a stream. */
export function read(value: Frame, answer: Answer): void {
  answer.model(textIn(value, 'model'));
  answer.metadata(value, SHOWN);
  const usage = value.usage ?? recordIn(value, 'x_groq').usage;
  if (isJsonObject(usage)) readUsage(usage, answer);
  for (const choice of choicesOf(value)) readChoice(choice, value.object, answer);
}

/** Returns the choices of the answer that was requested. A request has one. */
function choicesOf({ choices }: Frame): readonly Frame[] {
  const all: readonly unknown[] = Array.isArray(choices) ? choices : [];
  return all.filter(isJsonObject).filter(({ index }) => (index ?? 0) === 0);
}

function readChoice(choice: Frame, object: unknown, answer: Answer): void {
  const isPiece = isJsonObject(choice.delta);
  const said = isPiece ? recordIn(choice, 'delta') : recordIn(choice, 'message');
  // Reads only one of them: some servers send the same text in two fields.
  answer.reasoning(firstText(said.reasoning_content, said.reasoning, said.thinking));
  const { text, thoughts } = contentIn(said.content ?? choice.text);
  answer.reasoning(thoughts);
  answer.text(text);
  answer.refusal(textIn(said, 'refusal') ?? '');
  const calls: readonly unknown[] = Array.isArray(said.tool_calls) ? said.tool_calls : [];
  for (const call of calls) answer.toolCall(call);
  if (isJsonObject(said.function_call)) answer.toolCall({ index: 'function_call', ...said.function_call });
  answer.finished(choice.finish_reason, text !== '');
  const reason = textIn(choice, 'finish_reason') ?? '';
  if (reason !== '') answer.metadata({ finish_reason: reason });
  if (!isPiece && isJsonObject(choice.message) && object !== 'chat.completion.chunk') answer.over();
}

function firstText(...candidates: readonly unknown[]): string {
  const text = candidates.find((candidate) => typeof candidate === 'string' && candidate !== '');
  return typeof text === 'string' ? text : '';
}

function readUsage(usage: Frame, answer: Answer): void {
  const input = recordIn(usage, 'prompt_tokens_details');
  const output = recordIn(usage, 'completion_tokens_details');
  answer.usage({
    input_tokens: count(usage.prompt_tokens ?? usage.input_tokens),
    output_tokens: count(usage.completion_tokens ?? usage.output_tokens),
    total_tokens: count(usage.total_tokens),
    reasoning_tokens: count(output.reasoning_tokens),
    cached_tokens: count(input.cached_tokens),
  });
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
