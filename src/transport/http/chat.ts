import type { Frame } from '../../contract/index.js';
import { isJsonObject } from '../../protocol/frame-codec.js';
import type { Chat } from './dialect.js';
import { recordIn, without } from './fields.js';

/** Fields of a message that are not options of the server's. */
const OURS = ['type', 'content', 'messages', 'context', 'temperature', 'max_tokens', 'request_id', 'stream'];

/**
 * The chat of a request: `messages` as they are, then `content` as the user's. `context.system` is the system's prompt,
 * `context.history` what was said before (`{ role, content }` each), and all else in `context` is told to the model as JSON, since a CI
 * of its own would have it, too.
 */
export function chatOf(frame: Frame): Chat {
  const { system, history, ...rest } = recordIn(frame, 'context');
  const prompts = [
    ...(typeof system === 'string' ? [system] : []),
    ...(Object.keys(rest).length > 0 ? [`Context: ${JSON.stringify(rest)}`] : []),
  ];
  const before = [...linesOf(history), ...(Array.isArray(frame.messages) ? frame.messages.filter(isJsonObject) : [])];
  const asked = typeof frame.content === 'string' ? [{ role: 'user', content: frame.content }] : [];
  return {
    messages: [...prompts.map((content) => ({ role: 'system', content })), ...before, ...asked],
    temperature: frame.temperature,
    maxTokens: frame.max_tokens,
    fields: without(frame, OURS),
  };
}

/** What a model server cannot be sent, by name; undefined where all is well. */
export function refusalOf({ type = 'chat', ...fields }: Frame): string | undefined {
  if (type === 'ping') return undefined;
  if (type !== 'chat') return `a model server takes chats alone, and no request of the type ${JSON.stringify(type)}`;
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
