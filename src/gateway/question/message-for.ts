import type { Message } from '../../contract/index.js';
import type { Call } from '../call.js';
import { wrongField } from '../refusal.js';
import { forLine } from './for-line.js';
import { forOllama } from './for-ollama.js';
import type { Question } from './question.js';

/** Returns a question in the form that a CI's wire carries. @throws Refusal for what the wire cannot carry */
export function messageFor(call: Call, ci: string, question: Question): Message {
  const { watchable } = call;
  const { messages, temperature, maxTokens, settings } = question;
  if (watchable.refusal(ci, { messages }) !== undefined) return forLine(ci, question);
  if (isOllama(watchable.load(ci)?.url)) return forOllama(ci, question);
  const message = { ...settings, temperature, maxTokens, messages };
  const why = watchable.refusal(ci, message);
  if (why !== undefined) throw wrongField('the request', `cannot be sent to ${JSON.stringify(ci)}: ${why}`);
  return message;
}

function isOllama(url = ''): boolean {
  return /^ollama(?:\+|:)/.test(url);
}
