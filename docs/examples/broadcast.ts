// Ask many CIs at once. Each outcome comes when it is there; a slow or broken CI delays nobody.
import assert from 'node:assert/strict';
import { createPool, serveCi } from 'choragus';
import { NEVER } from 'rxjs';

await using apollo = await serveCi({ id: 'apollo', handler: () => 'a temple' });
await using athena = await serveCi({ id: 'athena', handler: () => 'a plan' });
await using silent = await serveCi({ id: 'silent', handler: () => NEVER });
await using pool = createPool({
  cis: { silent: silent.url, apollo: apollo.url, athena: athena.url, gone: 'unix:/no/such/ci.sock' },
  logger: false,
});

const warmed = await pool.warm(); // not needed, but then no outcome depends on the time of a dial
assert.deepEqual(
  warmed.down.map(({ ci }) => ci),
  ['gone'],
);

const outcomes = new Map<string, string>();
await pool.broadcast('What should we build?', { deadlineMs: 1_000 }).forEach((outcome) => {
  outcomes.set(outcome.ci, outcome.ok ? outcome.reply.content : `${outcome.error.code}, ${outcome.error.delivery}`);
});

assert.equal(outcomes.get('apollo'), 'a temple');
assert.equal(outcomes.get('athena'), 'a plan');
assert.equal(outcomes.get('gone'), 'unavailable, not_sent');
assert.equal(outcomes.get('silent'), 'deadline_exceeded, maybe_sent');
assert.equal([...outcomes.keys()].at(-1), 'silent'); // asked first, told last
console.log(outcomes);
