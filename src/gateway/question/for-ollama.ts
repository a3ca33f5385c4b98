import type { ChatMessage } from '../../contract/index.js';
import { wrongField } from '../refusal.js';
import { type Entry, type Question, textOf } from './question.js';

/** OpenAI's settings that Ollama has as options of the model, some by another name. */
const options: Readonly<Record<string, string>> = {
  top_p: 'top_p',
  top_k: 'top_k',
  min_p: 'min_p',
  seed: 'seed',
  stop: 'stop',
  frequency_penalty: 'frequency_penalty',
  presence_penalty: 'presence_penalty',
  repeat_penalty: 'repeat_penalty',
  num_ctx: 'num_ctx',
};
/** Settings without an effect on the answer. */
const harmless = new Set([
  'user',
  'metadata',
  'store',
  'parallel_tool_calls',
  'safety_identifier',
  'prompt_cache_key',
  'service_tier',
]);
const direct = new Set(['tools', 'think', 'keep_alive', 'format', 'options']);

/**
 * Returns a question in Ollama's form: images beside the text, the arguments of tool calls as objects, and settings by
 * its own names.
 *
 * @throws Refusal for a setting that Ollama does not have
 * @see https://github.com/ollama/ollama/blob/main/docs/api.md
 */
export function forOllama(ci: string, { messages, temperature, maxTokens, settings }: Question): ChatMessage {
  const own: Record<string, unknown> = {};
  const model: Record<string, unknown> = { ...(isObject(settings.options) ? settings.options : {}) };
  for (const [name, value] of Object.entries(settings)) {
    if (name === 'options' || harmless.has(name)) continue;
    if (Object.hasOwn(options, name)) model[options[name] as string] = value;
    else if (direct.has(name)) own[name] = value;
    else if (name === 'response_format') own.format = formatOf(value);
    else if (name === 'reasoning_effort') own.think = value === 'none' ? false : value;
    else if (name !== 'tool_choice' || value !== 'auto') {
      throw wrongField(name, `cannot be sent to ${JSON.stringify(ci)}: Ollama has no such setting`);
    }
  }
  if (settings.tool_choice === 'none') delete own.tools;
  return {
    ...own,
    ...(Object.keys(model).length === 0 ? {} : { options: model }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    messages: messages.map(entryFor),
  };
}

/** Returns the `format` of a `response_format`: a schema, or `json`. */
function formatOf(value: unknown): unknown {
  const { type, json_schema: described } = isObject(value) ? value : {};
  if (type === 'json_object') return 'json';
  if (type === 'json_schema' && isObject(described)) return described.schema ?? 'json';
  if (type === 'text') return undefined;
  throw wrongField('response_format', 'must have the type "text", "json_object" or "json_schema"');
}

function entryFor(entry: Entry, index: number): object {
  const { role, tool_calls: calls, tool_call_id: _id, name, reasoning_content: thinking } = entry;
  const { text, images } = partsOf(entry, index);
  return {
    // Ollama knows no developer.
    role: role === 'developer' ? 'system' : role,
    content: text,
    ...(images.length === 0 ? {} : { images }),
    ...(typeof thinking === 'string' ? { thinking } : {}),
    ...(Array.isArray(calls) ? { tool_calls: calls.map(callFor) } : {}),
    ...(role === 'tool' && typeof name === 'string' ? { tool_name: name } : {}),
    ...(Array.isArray(entry.images) ? { images: entry.images } : {}),
    ...(typeof entry.tool_name === 'string' ? { tool_name: entry.tool_name } : {}),
  };
}

function partsOf({ content }: Entry, index: number): { readonly text: string; readonly images: readonly string[] } {
  if (!Array.isArray(content)) return { text: textOf(content) ?? '', images: [] };
  let text = '';
  const images: string[] = [];
  for (const [place, part] of (content as readonly unknown[]).entries()) {
    const said = textOf([part]);
    const image = said === undefined ? imageOf(part) : undefined;
    if (said !== undefined) text += said;
    else if (image !== undefined) images.push(image);
    else throw wrongField(`messages[${index}].content[${place}]`, 'must be text, or an image as a data: URL');
  }
  return { text, images };
}

/** Returns the base64 of an image in a `data:` URL. Ollama fetches no images. */
function imageOf(part: unknown): string | undefined {
  const { type, image_url: image } = isObject(part) ? part : {};
  const url = isObject(image) ? image.url : image;
  if (type !== 'image_url' || typeof url !== 'string' || !url.startsWith('data:')) return undefined;
  const comma = url.indexOf(';base64,');
  return comma === -1 ? undefined : url.slice(comma + ';base64,'.length);
}

/** Returns a tool call with its arguments as an object, which Ollama wants. */
function callFor(call: unknown): unknown {
  const described = isObject(call) && isObject(call.function) ? call.function : undefined;
  if (described === undefined || typeof described.arguments !== 'string') return call;
  return { ...(call as object), function: { ...described, arguments: argumentsOf(described.arguments) } };
}

function argumentsOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The model wrote it, and may have written invalid JSON.
    return {};
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
