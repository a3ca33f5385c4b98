// A stream that falls silent is cut, and says how far it had come.
import assert from 'node:assert/strict';
import { ChoragusError, createPool, serveCi } from 'choragus';
import { concat, NEVER, of } from 'rxjs';

await using apollo = await serveCi({ id: 'apollo', handler: () => concat(of('The first ', 'half '), NEVER) });
await using pool = createPool({ cis: { apollo: apollo.url }, logger: false });

const shown: string[] = [];
const error = await pool
  .stream('apollo', 'Explain it slowly', { idleTimeoutMs: 100, deadlineMs: 10_000 })
  .forEach((chunk) => {
    shown.push(chunk.content);
  })
  .catch((cause: unknown) => cause);

assert.ok(error instanceof ChoragusError);
assert.equal(error.code, 'deadline_exceeded');
assert.equal(error.phase, 'idle'); // not the total: the silence between two chunks
assert.equal(error.delivery, 'maybe_sent');
assert.equal(error.partial, 'The first half ');
assert.equal(shown.join(''), error.partial);
assert.equal(JSON.stringify(error).includes('first half'), false); // a logger does not find it
console.log(error.message, error.timings);
