// Cancel a request: by an AbortSignal, which ends it in an error, or by unsubscribing, which ends it silently.
import assert from 'node:assert/strict';
import { ChoragusError, createPool } from 'choragus';
import { scriptedCi } from 'choragus/testing';
import { firstValueFrom } from 'rxjs';

await using apollo = await scriptedCi({ id: 'apollo' });
await using pool = createPool({ cis: { apollo: apollo.url }, logger: false });

const controller = new AbortController();
const answer = firstValueFrom(pool.ask('apollo', 'Take your time', { signal: controller.signal }));
answer.catch(() => {}); // looked at below
await apollo.nextRequest(); // it has arrived
controller.abort(new Error('the user went home'));

const error = await answer.catch((cause: unknown) => cause);
assert.ok(error instanceof ChoragusError);
assert.equal(error.code, 'cancelled');
assert.equal(error.delivery, 'maybe_sent'); // the CI had it already
assert.equal((error.cause as Error).message, 'the user went home');

// Aborted before it was subscribed: nothing is sent.
const late = pool.ask('apollo', 'Never mind', { signal: AbortSignal.abort() });
const refused = await firstValueFrom(late).catch((cause: unknown) => cause);
assert.ok(refused instanceof ChoragusError);
assert.equal(refused.delivery, 'not_sent');

const subscription = pool.ask('apollo', 'Forget it').subscribe();
subscription.unsubscribe();
assert.equal(pool.snapshot().totals.metrics.cancelled, 1);
assert.equal(apollo.received.length, 1); // given up before it was written
console.log(error.message);
