import { concat, defer, NEVER, Observable, of, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Chunk } from '../../../src/contract/index.js';
import { ChoragusError } from '../../../src/errors/index.js';
import { failing } from './fake-pool.js';
import { fixture } from './fixture.js';

const cis = { apollo: 'tcp://localhost:45012' };
const unavailable = new ChoragusError('unavailable', 'down', { delivery: 'not_sent' });
const chunks = (...texts: string[]): Observable<Chunk> =>
  of(...texts.map((content, index) => ({ ci: 'apollo', index, kind: 'text' as const, content })));

async function collect(texts: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const text of texts) all.push(text);
  return all;
}

describe('streamMessage', () => {
  test('yields the text piece by piece, without empty pieces', async () => {
    const { client } = fixture({ stream: () => chunks('hel', '', 'lo') }, { cis });
    expect(await collect(client.streamMessage('localhost', 45012, 'hello'))).toEqual(['hel', 'lo']);
  });

  test('sends nothing before iteration', async () => {
    const { client, pool } = fixture({}, { cis });
    const texts = client.streamMessage('localhost', 45012, 'hello', { temperature: 1 });
    expect(pool.calls).toEqual([]);
    await collect(texts);
    expect(pool.calls).toEqual([
      { method: 'stream', ci: 'apollo', message: { content: 'hello', temperature: 1 }, options: {} },
    ]);
  });

  test('the timeout limits each silence, not the whole stream', async () => {
    const { client, pool } = fixture({}, { cis });
    await collect(client.streamMessage('localhost', 45012, 'hello', { timeout: 2 }));
    expect(pool.calls[0]?.options).toEqual({ firstChunkTimeoutMs: 2_000, idleTimeoutMs: 2_000 });
  });

  test('the timeout limits the wait for the first text from the call on, including the wait for a slot', async () => {
    const { client } = fixture({ stream: () => NEVER }, { cis });
    const texts = collect(client.streamMessage('localhost', 45012, 'hello', { timeout: 0.001 }));
    await expect(texts).rejects.toMatchObject({ code: 'deadline_exceeded', phase: 'first chunk' });
  });

  test('throws in the loop, after the text that came', async () => {
    const cut = new ChoragusError('connection_lost', 'cut', { partial: 'hel' });
    const { client, directs } = fixture(
      {
        stream: () =>
          concat(
            chunks('hel'),
            throwError(() => cut),
          ),
      },
      { cis },
    );
    const seen: string[] = [];
    const loop = async (): Promise<void> => {
      for await (const text of client.streamMessage('localhost', 45012, 'hello')) seen.push(text);
    };
    await expect(loop()).rejects.toBe(cut);
    expect(seen).toEqual(['hel']);
    expect(directs).toEqual([]);
  });

  test.each([
    ['a bad timeout', 'localhost', 45012, { timeout: -1 }],
    ['a bad port', 'localhost', 0, {}],
  ])('throws in the loop, and not before, for %s', async (_, host, port, options) => {
    const texts = fixture({}, { cis }).client.streamMessage(host, port, 'hello', options);
    await expect(collect(texts)).rejects.toMatchObject({ code: 'invalid_config' });
  });

  test('is cancelled when the loop ends early', async () => {
    let cancelled = 0;
    const endless = new Observable<Chunk>((subscriber) => {
      subscriber.next({ ci: 'apollo', index: 0, kind: 'text', content: 'hel' });
      return () => {
        cancelled += 1;
      };
    });
    const { client } = fixture({ stream: () => endless }, { cis });
    for await (const text of client.streamMessage('localhost', 45012, 'hello')) {
      expect(text).toBe('hel');
      break;
    }
    expect(cancelled).toBe(1);
  });

  test('falls back to a direct connection, and closes it after the last text', async () => {
    const { client, directs, clock } = fixture(
      {
        stream: () =>
          defer(() => {
            clock.ms += 500;
            return throwError(() => unavailable);
          }),
      },
      { cis, direct: { stream: () => chunks('direct', 'ly') } },
    );
    const texts = client.streamMessage('localhost', 45012, 'hello', { timeout: 2 });
    expect(await collect(texts)).toEqual(['direct', 'ly']);
    expect(directs[0]?.pool.calls[0]?.options).toEqual({ firstChunkTimeoutMs: 1_500, idleTimeoutMs: 2_000 });
    expect(directs[0]?.pool.closes).toEqual([{ drainTimeoutMs: 0 }]);
  });

  test.each(['maybe_sent', 'answered'] as const)('does not fall back after %s', async (delivery) => {
    const error = new ChoragusError('unavailable', 'down', { delivery });
    const { client, directs } = fixture(failing(error), { cis });
    await expect(collect(client.streamMessage('localhost', 45012, 'hello'))).rejects.toBe(error);
    expect(directs).toEqual([]);
  });
});
