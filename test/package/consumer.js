// Plain JavaScript, against the installed package: every entry point, and the contract's main calls.
import assert from 'node:assert/strict';
import { createPool, getPool, serveCi } from 'choragus';
import { startInspector } from 'choragus/inspector';
import { connectionMachine, poolMachine } from 'choragus/machines';
import { instrument, metricProducer } from 'choragus/otel';
import { prometheusText } from 'choragus/prometheus';
import { createTektonClient } from 'choragus/tekton';
import { scriptedCi } from 'choragus/testing';
import { firstValueFrom, lastValueFrom, Observable, toArray } from 'rxjs';

const echo = await serveCi({ id: 'echo', handler: ({ content }) => content });
const pool = createPool({ cis: { echo: echo.url }, logger: false });
// One Observable class for user and library: rxjs is a peer.
assert(pool.ask('echo', 'hello') instanceof Observable);
assert(pool.broadcast('hello') instanceof Observable);
assert(pool.states$ instanceof Observable);
const reply = await firstValueFrom(pool.ask('echo', 'hello'));
assert.equal(reply.content, 'hello');
const outcomes = await lastValueFrom(pool.broadcast('all').pipe(toArray()));
assert.deepEqual(
  outcomes.map(({ ci, ok }) => [ci, ok]),
  [['echo', true]],
);
const tekton = createTektonClient({ pool: () => pool });
assert.equal((await tekton.sendMessage('127.0.0.1', echo.port, 'hi')).response, 'hi');
const scripted = await scriptedCi();
pool.add('scripted', scripted.url);
const answer = firstValueFrom(pool.ask('scripted', 'question'));
(await scripted.nextRequest()).reply('answer');
assert.equal((await answer).content, 'answer');
const inspector = await startInspector(pool);
const entry = await fetch(inspector.url, { redirect: 'manual' });
const cookie = entry.headers.get('set-cookie').split(';')[0];
const page = await fetch(new URL('/page.js', inspector.url), { headers: { cookie } });
assert.equal(page.status, 200);
assert((await page.text()).length > 50_000);
await inspector.close();
assert.match(await prometheusText(pool), /^choragus_requests_total\{ci="echo",outcome="succeeded"\} \d+$/m);
instrument(pool).disable();
assert.equal((await metricProducer(pool).collect()).errors.length, 0);
assert.equal(connectionMachine.id, 'connection');
assert.equal(poolMachine.id, 'pool');
assert.equal(typeof getPool, 'function');
assert.equal((await pool.close()).cut, 0);
await scripted.close();
await echo.close();
console.log('JavaScript: ok');
