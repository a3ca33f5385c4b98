// A test of your service, without waiting for real time: a scripted CI, a memory wire, a clock that you move.
import assert from 'node:assert/strict';
import { ChoragusError, createPool, type Pool } from 'choragus';
import { ManualClock, memoryTransport, scriptedCi } from 'choragus/testing';
import { firstValueFrom } from 'rxjs';

/** The code under test: asks apollo, and has an answer of its own when apollo is too slow. */
async function adviceFrom(pool: Pool): Promise<string> {
  try {
    return (await firstValueFrom(pool.ask('apollo', 'What now?', { deadlineMs: 5_000 }))).content;
  } catch (error) {
    if (error instanceof ChoragusError && error.code === 'deadline_exceeded') return 'Wait and see.';
    throw error;
  }
}

// 1. Over a real socket, step by step.
{
  await using apollo = await scriptedCi({ id: 'apollo' });
  await using pool = createPool({ cis: { apollo: apollo.url }, logger: false });
  const advice = adviceFrom(pool);
  const request = await apollo.nextRequest();
  assert.equal(request.message.content, 'What now?');
  request.reply('Go on.');
  assert.equal(await advice, 'Go on.');
}

// 2. Five seconds of silence, in no time.
{
  const clock = new ManualClock();
  const wire = memoryTransport({ clock });
  let asked = 0;
  wire.listen('apollo', (peer) => {
    peer.onRequest(() => {
      asked += 1;
    });
  });
  const pool = createPool({ cis: { apollo: 'memory://apollo' }, transports: { memory: wire }, clock, logger: false });
  const advice = adviceFrom(pool);
  clock.advance(6_000);
  assert.equal(await advice, 'Wait and see.');
  assert.equal(asked, 1);
  await pool.close();
  assert.equal(clock.pending, 0); // no timer is left
}
console.log('ok');
