// SIGTERM: take no more requests, let those under way finish, cut what is left at the deadline, exit.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ChoragusError, createPool, serveCi } from 'choragus';
import { firstValueFrom, NEVER, Subject } from 'rxjs';

const answers = new Subject<string>();
const apollo = await serveCi({ id: 'apollo', handler: () => firstValueFrom(answers) });
const hung = await serveCi({ id: 'hung', handler: () => NEVER });
const pool = createPool({ cis: { apollo: apollo.url, hung: hung.url }, logger: false });
await pool.warm();

const quick = firstValueFrom(pool.ask('apollo', 'A last question'));
const stuck = firstValueFrom(pool.ask('hung', 'Anybody there?')).catch((cause: ChoragusError) => cause);

while (!answers.observed) await new Promise((resolve) => setImmediate(resolve)); // until the question has arrived

const signalled = once(process, 'SIGTERM');
process.kill(process.pid, 'SIGTERM'); // what an orchestrator does
await signalled;
const draining = pool.close({ drainTimeoutMs: 1_000 });

const refused: ChoragusError = await firstValueFrom(pool.ask('apollo', 'One more?')).catch((cause) => cause);
assert.equal(refused.code, 'closed');
assert.equal(refused.delivery, 'not_sent');

answers.next('the last answer');
assert.equal((await quick).content, 'the last answer');

const report = await draining;
assert.deepEqual([report.finished, report.cut], [1, 1]);
assert.equal(((await stuck) as ChoragusError).code, 'closed');
console.log(report);
await Promise.all([apollo.close(), hung.close()]);
