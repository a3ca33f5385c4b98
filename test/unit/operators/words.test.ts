import { concat, lastValueFrom, NEVER, type Observable, of } from 'rxjs';
import { expect, test, vi } from 'vitest';
import { deadline, firstChunkTimeout, idleTimeout, noRetry, toAsyncIterable } from '../../../src/operators/index.js';

/** Returns the message of the error that ends a source, in virtual time. */
async function messageOf(source: Observable<unknown>): Promise<string> {
  vi.useFakeTimers();
  const failed = lastValueFrom(source).catch((error: Error) => error.message);
  await vi.runAllTimersAsync();
  vi.useRealTimers();
  return String(await failed);
}

test.each<[string, Observable<unknown>, string]>([
  ['deadline', NEVER.pipe(deadline(20)), 'no complete answer within 20 ms'],
  ['firstChunkTimeout', NEVER.pipe(firstChunkTimeout(30)), 'no first chunk within 30 ms'],
  ['idleTimeout', concat(of(1), NEVER).pipe(idleTimeout(40)), 'no further chunk within 40 ms'],
])('the error of %s says what was missing, and after what time', async (_, source, message) => {
  expect(await messageOf(source)).toContain(message);
});

test('the error of noRetry says what it allows, and what to do', async () => {
  const once = of(1).pipe(noRetry());
  await lastValueFrom(once);
  expect(await messageOf(once)).toContain(
    'allows one subscription, and the request may have been sent: make a new source',
  );
});

test('toAsyncIterable accepts the largest buffer, and rejects a larger one', () => {
  expect(() => toAsyncIterable(NEVER, { bufferSize: 1_000_000 })).not.toThrow();
  expect(() => toAsyncIterable(NEVER, { bufferSize: 1_000_001 })).toThrow(
    'bufferSize is 1000001: use a whole number from 1 to 1000000',
  );
});
