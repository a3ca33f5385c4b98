import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { type ChoragusError, createPool, type Pool } from '../../../src/index.js';
import { ManualClock, type MemoryPeer, memoryTransport } from '../../../src/testing/index.js';

/** A pool of some CIs over the memory wire in virtual time; the test answers itself. */
function open(...cis: string[]) {
  const clock = new ManualClock();
  const wire = memoryTransport({ clock });
  const asked: { ci: string; content: unknown; answer: () => void }[] = [];
  for (const ci of cis) {
    wire.listen(ci, (peer: MemoryPeer) =>
      peer.onRequest(({ content, request_id }) =>
        asked.push({ ci, content, answer: () => peer.send({ type: 'chat_response', content: 'yes', request_id }) }),
      ),
    );
  }
  const pool = createPool({
    cis: Object.fromEntries(cis.map((ci) => [ci, `memory://${ci}`])),
    clock,
    transports: { memory: wire },
    logger: false,
    random: () => 0.5,
    maxConnections: 1,
  });
  return { clock, pool, asked };
}

/** Asks, and records the result. */
function ask(pool: Pool, ci: string): Promise<string> {
  return firstValueFrom(pool.ask(ci, 'well?')).then(
    ({ content }) => content,
    ({ code, delivery }: ChoragusError) => `${code} ${delivery}`,
  );
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('close()', () => {
  test('finishes requests in flight, rejects new ones, and returns a report', async () => {
    const { pool, asked } = open('apollo', 'athena');
    const first = ask(pool, 'apollo');
    await turn();
    const closing = pool.close();
    expect(pool.snapshot().state).toBe('draining');
    expect(await ask(pool, 'athena')).toBe('closed not_sent');
    asked[0]?.answer();
    expect(await first).toBe('yes');
    expect(await closing).toEqual({ finished: 1, cut: 0, durationMs: 0, cis: { apollo: { finished: 1, cut: 0 } } });
    expect(pool.snapshot().state).toBe('closed');
  });

  test('cuts the rest when its time is over, with the right delivery', async () => {
    const { clock, pool } = open('apollo');
    const sent = ask(pool, 'apollo');
    await turn();
    const unsent = ask(pool, 'apollo'); // waits: the link is up, but its peer has shown no ids yet
    const closing = pool.close({ drainTimeoutMs: 100 });
    clock.advance(99);
    expect(pool.snapshot().state).toBe('draining');
    clock.advance(1);
    await turn();
    expect(await closing).toMatchObject({ finished: 0, cut: 2, durationMs: 100 });
    expect(await sent).toBe('closed maybe_sent');
    expect(await unsent).toBe('closed not_sent');
    expect(clock.pending).toBe(0);
  });

  test('a second call returns the first report, and `await using` closes', async () => {
    const { pool } = open('apollo');
    {
      await using closing = pool;
      expect(closing.snapshot().state).toBe('running');
    }
    expect(pool.snapshot().state).toBe('closed');
    expect(pool.close({ drainTimeoutMs: 1 })).toBe(pool.close());
  });

  test('of a pool in a backoff leaves no timer, and completes states$', async () => {
    const { clock, pool } = open();
    pool.add('gone', 'memory://gone');
    const states: string[] = [];
    let isComplete = false;
    pool.states$.subscribe({
      next: ({ to }) => states.push(to),
      complete: () => {
        isComplete = true;
      },
    });
    expect(await ask(pool, 'gone')).toBe('unavailable not_sent');
    await pool.close();
    expect(states).toEqual(['connecting', 'reconnecting', 'closed']);
    expect(isComplete).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('rejects a bad drain time, and stays open', async () => {
    const { pool } = open('apollo');
    await expect(pool.close({ drainTimeoutMs: -1 })).rejects.toThrow('[invalid_config]');
    expect(pool.state).toBe('running');
    await pool.close();
  });
});

describe('add() and remove()', () => {
  test('a CI can be added, asked, removed and added again at run time', async () => {
    const { pool, asked } = open('apollo');
    const first = ask(pool, 'apollo');
    await turn();
    asked.shift()?.answer();
    expect(await first).toBe('yes');
    expect(await pool.remove('apollo')).toMatchObject({ finished: 0, cut: 0 });
    expect(pool.cis).toEqual([]);
    expect(await ask(pool, 'apollo')).toBe('unknown_ci not_sent');
    pool.add('apollo', 'memory://apollo');
    const again = ask(pool, 'apollo');
    await turn();
    asked.shift()?.answer();
    expect(await again).toBe('yes');
    await pool.close();
  });

  test('remove() drains: it waits for requests in flight, then cuts them; other CIs are not affected', async () => {
    const { clock, pool, asked } = open('apollo', 'athena');
    const slow = ask(pool, 'apollo');
    const neighbour = ask(pool, 'athena');
    await turn();
    const removing = pool.remove('apollo', { drainTimeoutMs: 50 });
    clock.advance(50);
    await turn();
    expect(await removing).toMatchObject({ finished: 0, cut: 1 });
    expect(await slow).toBe('closed maybe_sent');
    asked.find(({ ci }) => ci === 'athena')?.answer();
    expect(await neighbour).toBe('yes');
    await pool.close();
    expect(clock.pending).toBe(0);
  });

  test('close() during a remove() cuts both in the shorter time', async () => {
    const { clock, pool } = open('apollo');
    const slow = ask(pool, 'apollo');
    await turn();
    const removing = pool.remove('apollo', { drainTimeoutMs: 10_000 });
    const closing = pool.close({ drainTimeoutMs: 20 });
    clock.advance(20);
    await turn();
    expect(await slow).toBe('closed maybe_sent');
    await closing;
    await removing;
    expect(clock.pending).toBe(0);
  });

  test('rejects a name that is taken, unknown or late', async () => {
    const { pool } = open('apollo');
    expect(() => pool.add('apollo', 'memory://apollo')).toThrow('[invalid_config]');
    await expect(pool.remove('nobody')).rejects.toThrow('[unknown_ci]');
    await pool.close();
    expect(() => pool.add('hermes', 'memory://hermes')).toThrow('[closed]');
    await expect(pool.warm()).rejects.toThrow('[closed]');
  });
});
