import type { Attributes } from '@opentelemetry/api';
import type { Reply, RequestContext } from '../contract/index.js';

/** A message in the form of the attributes `gen_ai.input.messages` and `gen_ai.output.messages`. */
interface Spoken {
  readonly role: string;
  readonly parts: readonly { readonly type: string; readonly [field: string]: unknown }[];
  readonly finish_reason?: string;
}

/** Returns the attributes with the text of a request. They are JSON, because an attribute holds no objects. */
export function inputOf({ message }: Pick<RequestContext, 'message'>): Attributes {
  if (typeof message === 'string') return { 'gen_ai.input.messages': JSON.stringify([spoken('user', message)]) };
  const { content, messages, context } = fieldsOf(message);
  const earlier = Array.isArray(messages) ? messages.map(fieldsOf) : [];
  const all = [
    ...earlier.map(({ role, content: text }) => spoken(String(role ?? 'user'), text)),
    ...(content === undefined ? [] : [spoken('user', content)]),
  ];
  const { system } = fieldsOf(context);
  return {
    ...(all.length === 0 ? {} : { 'gen_ai.input.messages': JSON.stringify(all) }),
    ...(typeof system === 'string'
      ? { 'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: system }]) }
      : {}),
  };
}

/** Returns the attribute with the text of an answer. */
export function outputOf({ content, finishReason, toolCalls = [] }: Reply): Attributes {
  const { role, parts } = spoken('assistant', content);
  const calls = toolCalls.map(({ id, name, arguments: args }) => ({ type: 'tool_call', id, name, arguments: args }));
  const message: Spoken = { role, parts: [...parts, ...calls], finish_reason: finishReason ?? 'stop' };
  return { 'gen_ai.output.messages': JSON.stringify([message]) };
}

function spoken(role: string, content: unknown): Spoken {
  if (typeof content === 'string') return { role, parts: [{ type: 'text', content }] };
  return { role, parts: [{ type: 'generic', content }] };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
