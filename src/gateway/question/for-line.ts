import type { ChatMessage } from '../../contract/index.js';
import { wrongField } from '../refusal.js';
import { type Entry, type Question, textOf } from './question.js';

/** The fields of a line that are the protocol's own: a client cannot set them. */
const OWN = new Set(['type', 'content', 'message', 'messages', 'context', 'request_id', 'stream', '_meta', 'toJSON']);

/**
 * Returns a question as one message of the line protocol: its last message as the text, the system prompt as
 * `context.system`, and the messages between as `context.history`.
 *
 * @throws Refusal for an image, a sound or a file, and for a conversation that does not end with a user's message
 */
export function forLine(ci: string, { messages, temperature, maxTokens, settings }: Question): ChatMessage {
  const texts = messages.map((entry, index) => textIn(entry, index, ci));
  const last = messages.length - 1;
  if (messages[last]?.role !== 'user') {
    throw wrongField(
      'messages',
      `must end with a message of the role "user": ${JSON.stringify(ci)} is no model server`,
    );
  }
  const content = texts[last] as string;
  if (content === '') throw wrongField(`messages[${last}].content`, 'is empty');
  const system = texts.filter((text, index) => isSystem(messages[index]) && text !== '').join('\n\n');
  const history = messages
    .slice(0, last)
    .map((entry, index) => ({ ...entry, content: texts[index] }))
    .filter((entry) => !isSystem(entry));
  const context = { ...(system === '' ? {} : { system }), ...(history.length === 0 ? {} : { history }) };
  const own = Object.fromEntries(Object.entries(settings).filter(([name]) => !OWN.has(name)));
  return {
    ...own,
    content,
    ...(Object.keys(context).length === 0 ? {} : { context }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
  };
}

function isSystem(entry: Entry | undefined): boolean {
  return entry?.role === 'system' || entry?.role === 'developer';
}

function textIn({ content }: Entry, index: number, ci: string): string {
  const text = textOf(content);
  if (text === undefined)
    throw wrongField(`messages[${index}].content`, `is not only text: ${JSON.stringify(ci)} takes only text`);
  return text;
}
