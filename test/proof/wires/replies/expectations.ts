import { expect } from 'vitest';
import type { Chunk, Reply } from '../../../../src/index.js';
import type { Seen } from './fixture.js';
import { type Answer, type Expected, type Failure, WORDS_LIMIT } from './row.js';

/** Fails unless one of the expected outcomes was seen. */
export function expectAnyOf(expected: readonly Expected[], seen: Seen): void {
  const misses: string[] = [];
  for (const one of expected) {
    try {
      expectOutcome(one, seen);
      return;
    } catch (cause) {
      misses.push(cause instanceof Error ? cause.message : String(cause));
    }
  }
  expect.fail(`${misses.join('\nnor: ')}\n  seen: ${shown(seen)}`);
}

/** Formats an outcome for a failure message. */
function shown({ error, replies }: Seen): string {
  if (error !== undefined) {
    const { message, delivery, status, retryAfterMs, partial } = error;
    return JSON.stringify({ message, delivery, status, retryAfterMs, partial });
  }
  return JSON.stringify(replies.map(({ raw: _, timings: __, ...rest }) => rest));
}

function expectOutcome(expected: Expected, seen: Seen): void {
  expect(seen.ends).toBe(1);
  if ('code' in expected) expectFailure(expected, seen);
  else expectAnswer(expected, seen);
}

function expectAnswer(expected: Answer, { replies, error }: Seen): void {
  expect(error?.message, 'failed').toBeUndefined();
  expect(replies.length, 'replies').toBe(1);
  const reply = replies[0] as Reply;
  const { content, usage, finishReason, reasoning, toolCalls, refusal } = reply;
  const { model, metadata, ...fields } = expected;
  expect({ text: content, usage, finishReason, reasoning, toolCalls, refusal }).toEqual(fields);
  if (model !== undefined) expect(reply.model).toBe(model);
  if (metadata !== undefined) expect(reply.raw.metadata).toMatchObject(metadata);
}

function expectFailure(expected: Failure, { replies, error }: Seen): void {
  if (error === undefined) expect.fail('it was reported as a success');
  expect(replies.length, 'replies beside the error').toBe(0);
  const { code, delivery, status, partial, message } = error;
  expect(error.name).toBe('ChoragusError');
  expect({ code, partial: partial ?? '' }).toEqual({ code: expected.code, partial: expected.partial ?? '' });
  if (expected.delivery !== undefined) expect(delivery).toBe(expected.delivery);
  if (expected.status !== undefined) expect(status).toBe(expected.status);
  expectRetryAfter(expected.retryAfterMs, error.retryAfterMs);
  for (const words of [expected.says ?? []].flat()) {
    if (typeof words === 'string') expect(message).toContain(words);
    else expect(message).toMatch(words);
  }
  for (const words of expected.hides ?? []) expect(message).not.toContain(words);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters must not be there
  expect(message, 'control characters').not.toMatch(/[\u0000-\u001f\u007f]/);
  expect(message).not.toMatch(/TypeError|undefined|\[object |is not a function|Cannot read/);
  expect(message.length, 'length of the message').toBeLessThan(WORDS_LIMIT + 400);
}

function expectRetryAfter(expected: Failure['retryAfterMs'], seen: number | undefined): void {
  if (expected === undefined) return;
  if (expected === null) expect(seen, 'retryAfterMs').toBeUndefined();
  else if (typeof expected === 'number') expect(seen, 'retryAfterMs').toBe(expected);
  else {
    expect(seen, 'retryAfterMs').toBeGreaterThanOrEqual(expected[0]);
    expect(seen, 'retryAfterMs').toBeLessThanOrEqual(expected[1]);
  }
}

/** Fails unless the chunks, joined, are equal to the reply, or to `partial`. */
export function expectStream({ chunks, error }: Seen, ended: readonly Reply[]): void {
  expect(
    chunks.map(({ index }) => index),
    'indices of the chunks',
  ).toEqual(chunks.map((_, at) => at));
  const joined = (kind: Chunk['kind']) =>
    chunks.flatMap((chunk) => (chunk.kind === kind ? [chunk.content] : [])).join('');
  if (error !== undefined) {
    expect(ended.length, 'onEnd beside an error').toBe(0);
    expect(joined('text'), 'text of the chunks').toBe(error.partial ?? '');
    return;
  }
  expect(ended.length, 'calls of onEnd').toBe(1);
  const reply = ended[0] as Reply;
  expect(joined('text'), 'text of the chunks').toBe(reply.content);
  expect(joined('reasoning'), 'reasoning of the chunks').toBe(reply.reasoning ?? '');
  expect(joined('refusal'), 'refusal of the chunks').toBe(reply.refusal ?? '');
  const calls = reply.toolCalls ?? [];
  expect(joined('tool_call'), 'arguments of the chunks').toHaveLength(
    calls.map((call) => call.arguments).join('').length,
  );
  for (const [index, call] of calls.entries()) {
    const pieces = chunks.filter(({ toolCall }) => toolCall?.index === index);
    expect(pieces.map(({ content }) => content).join('')).toBe(call.arguments);
    expect(pieces[0]?.toolCall ?? {}).toMatchObject({
      ...(call.name && { name: call.name }),
      ...(call.id && { id: call.id }),
    });
  }
}

/** Returns a key that is equal for equal outcomes. Leaves out `partial` of a deadline: `ask` need not know it. */
export function outcomeKey({ error, replies }: Seen): string {
  if (error !== undefined) {
    return JSON.stringify([error.code, error.code === 'deadline_exceeded' ? undefined : (error.partial ?? '')]);
  }
  return JSON.stringify(
    replies.map(({ content, finishReason, usage, reasoning, toolCalls, refusal }) => ({
      content,
      finishReason,
      usage,
      reasoning,
      toolCalls,
      refusal,
    })),
  );
}
