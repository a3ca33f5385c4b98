import type { Frame } from '../../contract/index.js';
import { isJsonObject } from '../../protocol/frame-codec.js';
import type { Answer } from '../http/answer.js';
import type { Chat } from '../http/dialect.js';
import { errorIn } from '../http/error-words.js';
import { contentIn, recordIn, textIn, without } from '../http/fields.js';

/** Fields of a line that the reply shows elsewhere. */
const SHOWN: ReadonlySet<string> = new Set(['message', 'model', 'done']);
/** Fields of a message that are sent beside `options`; all other fields of the user are options of the model. */
const TOP_LEVEL = ['model', 'keep_alive', 'think', 'format', 'tools', 'logprobs', 'top_logprobs'];

/** Returns the body of a chat. */
export function bodyOf(model: string, { messages, temperature, maxTokens, fields }: Chat): object {
  const own = Object.entries(fields);
  const options = {
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { num_predict: maxTokens }),
    ...without(fields, [...TOP_LEVEL, 'options', 'images']),
    ...recordIn(fields, 'options'),
  };
  return {
    model,
    ...Object.fromEntries(own.filter(([name]) => TOP_LEVEL.includes(name))),
    messages: withImages(messages, fields.images),
    stream: true,
    ...(Object.keys(options).length === 0 ? {} : { options }),
  };
}

/** Returns the error of a line. A line of an answer has a message, or says whether it is the last. */
export function errorOfValue(value: Frame): string | undefined {
  return errorIn(value, isJsonObject(value.message) || value.done !== undefined);
}

/** Adds a line to the answer. */
export function read(value: Frame, answer: Answer): void {
  const said = recordIn(value, 'message');
  answer.model(textIn(value, 'model'));
  answer.reasoning(textIn(said, 'thinking') ?? textIn(said, 'reasoning_content') ?? '');
  const { text, thoughts } = contentIn(said.content);
  answer.reasoning(thoughts);
  answer.text(text);
  const calls: readonly unknown[] = Array.isArray(said.tool_calls) ? said.tool_calls : [];
  // Each call arrives whole, with or without an index of its own.
  for (const call of calls) answer.toolCall(call);
  answer.finished(value.done_reason, text !== '');
  if (value.done !== true) return;
  answer.metadata(value, SHOWN);
  answer.usage({ input_tokens: count(value.prompt_eval_count), output_tokens: count(value.eval_count) });
  answer.over();
}

/** Adds the images to the question. */
function withImages(messages: readonly object[], images: unknown): readonly object[] {
  const last = messages.at(-1);
  return images === undefined || last === undefined ? messages : [...messages.slice(0, -1), { ...last, images }];
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
