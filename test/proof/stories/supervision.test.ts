import { firstValueFrom, NEVER, Observable } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { type Channel, type ChoragusError, createPool, type Logger, type Transport } from '../../../src/index.js';
import { ManualClock, memoryTransport } from '../../../src/testing/index.js';

/** A transport with a bug: its dial throws an error that is no ChoragusError. */
const buggy: Transport = {
  prepare: () => () =>
    new Observable<Channel>(() => {
      throw new TypeError('a bug in the transport');
    }),
};

const codeOf = (error: ChoragusError) => `${error.code} ${error.delivery}`;

describe('supervision', () => {
  test('a link that crashes repeatedly quarantines its CI, and no other', async () => {
    const clock = new ManualClock();
    const wire = memoryTransport({ clock });
    wire.listen('sound', (peer) => peer.onRequest(() => peer.send({ type: 'chat_response', content: 'fine' })));
    const lines: string[] = [];
    const pool = createPool({
      cis: { broken: 'buggy://x', sound: 'memory://sound' },
      transports: { buggy, memory: wire },
      clock,
      logger: recording(lines),
      random: () => 0.01,
      maxRestarts: 3,
      reconnectDelayMs: 100,
    });
    const ended: string[] = [];
    for (let i = 0; i < 6; i += 1) {
      await firstValueFrom(pool.ask('broken', 'hello')).catch((error) => ended.push(codeOf(error)));
      clock.advance(5_000);
    }
    expect(new Set(ended)).toEqual(new Set(['unavailable not_sent']));
    expect(pool.snapshot().cis.broken?.state).toBe('quarantined');
    expect(pool.snapshot().cis.broken?.connections).toEqual([]);
    expect(lines.filter((line) => line.startsWith('quarantined'))).toHaveLength(1);
    const reply = firstValueFrom(pool.ask('sound', 'hello'));
    await new Promise((resolve) => setImmediate(resolve));
    expect((await reply).content).toBe('fine');

    const refused = await firstValueFrom(pool.ask('broken', 'hello')).catch((error: ChoragusError) => error);
    expect((refused as ChoragusError).message).toContain('quarantined');
    await pool.remove('broken');
    pool.add('broken', 'memory://sound'); // corrected: a clean record
    const mended = firstValueFrom(pool.ask('broken', 'hello'));
    await new Promise((resolve) => setImmediate(resolve));
    expect((await mended).content).toBe('fine');
    await pool.close();
    expect(clock.pending).toBe(0);
  });

  test('an open link that crashes fails its requests, and is replaced', async () => {
    const clock = new ManualClock();
    const wire = memoryTransport({ clock });
    const crash: (() => void)[] = [];
    wire.listen('apollo', (peer) => {
      peer.onRequest(({ content }) => {
        if (content === 'crash') crash.push(() => peer.fail(new TypeError('a bug')));
        else peer.send({ type: 'chat_response', content: 'fine' });
      });
    });
    const pool = createPool({ cis: { apollo: 'memory://apollo' }, transports: { memory: wire }, clock, logger: false });
    const lost = firstValueFrom(pool.ask('apollo', 'crash')).catch(codeOf);
    await new Promise((resolve) => setImmediate(resolve));
    crash[0]?.();
    expect(await lost).toBe('connection_lost maybe_sent');
    const after = firstValueFrom(pool.ask('apollo', 'hello', { waitForReady: true, deadlineMs: 25_000 }));
    clock.advance(20_000);
    expect((await after).content).toBe('fine');
    await pool.close();
    expect(clock.pending).toBe(0);
  });

  test('the number of dials never exceeds the limit of the pool', async () => {
    let dialling = 0;
    let most = 0;
    const slow: Transport = {
      prepare: () => () =>
        new Observable<Channel>(() => {
          dialling += 1;
          most = Math.max(most, dialling);
          const inner = NEVER.subscribe();
          return () => {
            dialling -= 1;
            inner.unsubscribe();
          };
        }),
    };
    const clock = new ManualClock();
    const cis = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`ci${i}`, 'slow://x']));
    const pool = createPool({ cis, transports: { slow }, clock, logger: false, maxDials: 7, connectTimeoutMs: 100 });
    const warming = pool.warm();
    expect(dialling).toBe(7);
    clock.advance(100 * 8);
    const { up, down } = await warming;
    expect([up.length, down.length]).toEqual([0, 50]);
    expect(most).toBe(7);
    await pool.close();
    expect(dialling).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('a pool of 1,000 CIs warms up, answers a broadcast and closes', async () => {
    const clock = new ManualClock();
    const wire = memoryTransport({ clock });
    const names = Array.from({ length: 1_000 }, (_, i) => `ci${i}`);
    for (const name of names) {
      wire.listen(name, (peer) =>
        peer.onRequest(({ request_id }) => peer.send({ type: 'chat_response', content: name, request_id })),
      );
    }
    const cis = Object.fromEntries(names.map((name) => [name, `memory://${name}`]));
    const pool = createPool({ cis, transports: { memory: wire }, clock, logger: false });
    expect((await pool.warm()).up).toHaveLength(1_000);
    expect(pool.snapshot().totals.states.healthy).toBe(1_000);
    const right: boolean[] = [];
    pool.broadcast('who?').subscribe((outcome) => right.push(outcome.ok && outcome.reply.content === outcome.ci));
    await new Promise((resolve) => setImmediate(resolve));
    expect(right).toEqual(Array(1_000).fill(true));
    await pool.close();
    expect(pool.snapshot().totals.connections).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

function recording(lines: string[]): Logger {
  const write = (_fields: object, message: string) => {
    lines.push(message);
  };
  const logger: Logger = { info: write, warn: write, error: write, debug: write, child: () => logger };
  return logger;
}
