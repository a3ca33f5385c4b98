import { expect, test } from 'vitest';
import { startProgram } from '../../support/run-program.js';

const program = `
import { subscribe } from 'node:diagnostics_channel';
import { createPool, serveCi } from 'choragus';
import { lastValueFrom, toArray } from 'rxjs';

const caught = [];
if (process.argv[1] === 'catches') process.on('uncaughtException', ({ message }) => caught.push(message));
const names = ['start', 'end', 'asyncStart', 'asyncEnd'];
const channels = [
  ...names.flatMap((name) => ['tracing:choragus:request:' + name, 'tracing:choragus:serve:' + name]),
  'choragus:request:written',
  'choragus:request:first_chunk',
  'choragus:connection:state',
];
const ci = await serveCi({ id: 'apollo', handler: ({ content }) => content });
for (const channel of channels) {
  subscribe(channel, () => {
    throw new Error(channel);
  });
}
const pool = createPool({ logger: false, cis: { apollo: ci.url } });
const chunks = await lastValueFrom(pool.stream('apollo', 'hello').pipe(toArray()));
const { metrics } = pool.snapshot().totals;
await pool.close();
await ci.close();
await new Promise((resolve) => setTimeout(resolve, 10));
console.log(JSON.stringify([chunks[0].content, metrics.succeeded, channels.filter((name) => !caught.includes(name))]));
`;

test('a subscriber that throws harms no request: Node reports it as an uncaught exception', async () => {
  const { exit, stdout, stderr } = await startProgram(program, ['catches']).ended();
  expect([exit, stdout, stderr]).toEqual([0, '["hello",1,[]]\n', '']);
});

test('without a listener for that, it ends the process, as an exception in any other callback', async () => {
  const { exit, stderr } = await startProgram(program).ended();
  expect(exit).toBe(1);
  expect(stderr).toContain('Error: ');
});
