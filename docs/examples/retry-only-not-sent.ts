// Try again only while it is certain that the CI has not seen the request.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChoragusError, createPool, serveCi } from 'choragus';
import { faults, scriptedCi } from 'choragus/testing';
import { filter, firstValueFrom, type MonoTypeOperatorFunction, retry, throwError, timer } from 'rxjs';

function retryNotSent<T>(count: number, delayMs: number): MonoTypeOperatorFunction<T> {
  return retry({
    count,
    delay: (error: unknown) =>
      error instanceof ChoragusError && error.delivery === 'not_sent' ? timer(delayMs) : throwError(() => error),
  });
}

// A CI that is not up yet: unavailable, not_sent. One that hangs up in the middle of its answer: maybe_sent.
const folder = await mkdtemp(join(tmpdir(), 'choragus-'));
const path = join(folder, 'apollo.sock');
await using hangsUp = await scriptedCi({ script: faults.cutOff() });
await using pool = createPool({
  cis: { apollo: `unix:${path}`, hangsUp: hangsUp.url },
  reconnectDelayMs: 10,
  maxReconnectDelayMs: 20,
  logger: false,
});

const dialFailed = firstValueFrom(pool.states$.pipe(filter(({ to }) => to === 'reconnecting')));
const answer = firstValueFrom(pool.ask('apollo', 'Are you there?').pipe(retryNotSent(500, 20)));
await dialFailed;
await using _apollo = await serveCi({ id: 'apollo', handler: () => 'I am', listen: { path } });
assert.equal((await answer).content, 'I am');

const error = await firstValueFrom(pool.ask('hangsUp', 'Launch it').pipe(retryNotSent(500, 20))).catch((e) => e);
assert.ok(error instanceof ChoragusError);
assert.equal(error.code, 'connection_lost'); // not hidden behind an `already_sent`
assert.equal(error.delivery, 'maybe_sent');
assert.equal(hangsUp.received.length, 1); // launched once, if at all
console.log(error.message);
await rm(folder, { recursive: true });
