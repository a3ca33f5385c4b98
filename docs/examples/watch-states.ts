// Watch a connection's life: the changes as they happen, and the present as a snapshot.
import assert from 'node:assert/strict';
import { createPool, serveCi } from 'choragus';
import { firstValueFrom } from 'rxjs';

await using apollo = await serveCi({ id: 'apollo', handler: () => 'here' });
const pool = createPool({ cis: { apollo: apollo.url }, logger: false });

const changes: string[] = [];
pool.states$.subscribe(({ connection, from, to, reason }) => {
  changes.push(`${connection} ${from} -> ${to} (${reason})`);
});

assert.equal(pool.snapshot().cis.apollo?.state, 'idle'); // no socket before the first request
await firstValueFrom(pool.ask('apollo', 'Hello'));
await firstValueFrom(pool.ask('apollo', 'Hello again'));

const { state, metrics } = pool.snapshot().cis.apollo ?? assert.fail('apollo is missing');
assert.equal(state, 'healthy');
assert.equal(metrics.requests, 2);
assert.equal(metrics.reuses, 1);
assert.equal(metrics.serviceMs.count, 2);

await pool.close();
assert.deepEqual(changes, [
  'apollo#1 idle -> connecting (wanted)',
  'apollo#1 connecting -> healthy (link_up)',
  'apollo#1 healthy -> closed (closed)',
]);
console.log(changes.join('\n'));
