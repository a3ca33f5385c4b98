// A request to a CI that is down fails at once, or waits until the CI is up: the caller says which.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChoragusError, createPool, serveCi } from 'choragus';
import { firstValueFrom } from 'rxjs';

const folder = await mkdtemp(join(tmpdir(), 'choragus-'));
const path = join(folder, 'apollo.sock'); // nobody listens there yet
await using pool = createPool({
  cis: { apollo: `unix:${path}` },
  reconnectDelayMs: 50,
  maxReconnectDelayMs: 100,
  logger: false,
});

// The default: the dial fails, and the request with it, long before its deadline.
const error: ChoragusError = await firstValueFrom(pool.ask('apollo', 'Quick')).catch((cause) => cause);
assert.equal(error.code, 'unavailable');
assert.equal(error.delivery, 'not_sent');

// This one waits through every backoff, for as long as its deadline allows.
const patient = firstValueFrom(pool.ask('apollo', 'Patient', { waitForReady: true, deadlineMs: 20_000 }));
await using _apollo = await serveCi({ id: 'apollo', handler: () => 'here I am', listen: { path } });
assert.equal((await patient).content, 'here I am');
console.log(error.message);
await rm(folder, { recursive: true });
