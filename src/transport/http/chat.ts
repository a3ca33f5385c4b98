import type { Frame } from '../../contract/index.js';
import { isJsonObject } from '../../protocol/frame-codec.js';
import { readCarrier } from '../../protocol/trace-context.js';
import type { Chat } from './dialect.js';
import { recordIn, without } from './fields.js';

/** Fields of a message that are not options of the server. */
const OURS = ['type', 'content', 'messages', 'context', 'temperature', 'max_tokens', 'request_id', 'stream'];

/**
 * Returns the chat of a request: `messages` unchanged, then `content` as the user's message. `context.system` is the
 * system prompt, and `context.history` the earlier messages (`{ role, content }`). All other fields of `context` are
 * given to the model as JSON, because a CI of the line protocol gets them, too. A trace context in `_meta` becomes headers.
 */
export function chatOf(frame: Frame): Chat {
  const { system, history, ...rest } = recordIn(frame, 'context');
  const prompts = [
    ...(typeof system === 'string' ? [system] : []),
    ...(Object.keys(rest).length > 0 ? [`Context: ${JSON.stringify(rest)}`] : []),
  ];
  const before = [...linesOf(history), ...(Array.isArray(frame.messages) ? frame.messages.filter(isJsonObject) : [])];
  const asked = typeof frame.content === 'string' ? [{ role: 'user', content: frame.content }] : [];
  const trace = readCarrier(frame._meta);
  return {
    messages: [...prompts.map((content) => ({ role: 'system', content })), ...before, ...asked],
    temperature: frame.temperature,
    maxTokens: frame.max_tokens,
    fields: without(frame, trace === undefined ? OURS : [...OURS, '_meta']),
    trace,
  };
}

/** Says why a model server cannot take a message; returns undefined if it can. */
export function refusalOf({ type = 'chat', ...fields }: Frame): string | undefined {
  if (type === 'ping') return undefined;
  if (type !== 'chat') return `a model server accepts only chats, not a request of the type ${JSON.stringify(type)}`;
  if (typeof fields.n === 'number' && fields.n !== 1)
    return `n is ${fields.n}: a request has one answer; ask ${fields.n} times`;
  return undefined;
}

function linesOf(history: unknown): object[] {
  if (!Array.isArray(history)) return [];
  return history.filter(
    (line) => isJsonObject(line) && typeof line.role === 'string' && (line.content ?? line.tool_calls) !== undefined,
  );
}
