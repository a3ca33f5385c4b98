import assert from 'node:assert/strict';
import { firstValueFrom } from 'rxjs';
import { createPool } from './library.mjs';

/** The one CI of these pools. */
export const CI = 'muse';

/** A pool with one CI, and the states its connections went through. Options are the CI's. */
export function openPool(url, options = {}) {
  const pool = createPool({ cis: { [CI]: { url, ...options } }, logger: false });
  const changes = [];
  pool.states$.subscribe((change) => changes.push(change));
  return { pool, changes, metrics: () => pool.snapshot().cis[CI].metrics };
}

/** Opens a pool, passes it to `act`, and always closes it. */
export async function withPool(url, act, options) {
  const opened = openPool(url, options);
  try {
    return await act(opened);
  } finally {
    await opened.pool.close({ drainTimeoutMs: 0 });
  }
}

export function ask(pool, message, options) {
  return firstValueFrom(pool.ask(CI, message, options));
}

/** A whole stream: its chunks, and the reply that `onEnd` gets. */
export function readStream(pool, message, options) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let reply;
    const onEnd = (end) => {
      reply = end;
    };
    pool.stream(CI, message, { ...options, onEnd }).subscribe({
      next: (chunk) => chunks.push(chunk),
      error: reject,
      complete: () => resolve({ chunks, reply }),
    });
  });
}

/** The text of a stream's chunks. */
export function textOf(chunks, kind = 'text') {
  const pieces = chunks.filter((chunk) => chunk.kind === kind);
  return pieces.map(({ content }) => content).join('');
}

/** The error that a request ends with. Throws if the request succeeds. */
export async function errorOf(request) {
  const outcome = await request.then(
    (reply) => ({ reply }),
    (error) => ({ error }),
  );
  assert.ok(outcome.error, `the request succeeded: ${JSON.stringify(outcome.reply)?.slice(0, 200)}`);
  assert.equal(outcome.error.name, 'ChoragusError', `not an error of the library: ${outcome.error.stack}`);
  return outcome.error;
}

/** Checks the parts of every answer: text, a finish reason, and a count of tokens within the limit. */
export function assertWhole(reply, maxTokens) {
  const { content, finishReason, usage } = reply;
  assert.ok(content.length > 0, 'the text is empty');
  assert.ok(typeof finishReason === 'string' && finishReason !== '', 'no finishReason');
  assert.ok(usage, 'no usage');
  assert.ok(usage.inputTokens > 0 && usage.outputTokens > 0 && usage.totalTokens > 0, JSON.stringify(usage));
  assert.ok(usage.outputTokens <= maxTokens, `${usage.outputTokens} tokens, maxTokens is ${maxTokens}`);
}
