import net from 'node:net';
import { lastValueFrom, tap, toArray } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { type Chunk, createPool, type Outcome, serveCi } from '../../../src/index.js';
import { openBlackhole } from '../../support/blackhole.js';

type Closer = () => Promise<unknown>;
const closers: Closer[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function answering(id: string): Promise<string> {
  const ci = await serveCi({ id, handler: ({ content }) => `${id} heard ${content}` });
  closers.push(() => ci.close());
  return ci.url;
}

async function hanging(id: string): Promise<string> {
  const ci = await serveCi({ id, handler: () => new Promise<string>(() => {}) });
  closers.push(() => ci.close());
  return ci.url;
}

async function blackhole(): Promise<string> {
  const hole = await openBlackhole();
  closers.push(() => hole.close());
  return hole.url;
}

async function refusing(): Promise<string> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `tcp://127.0.0.1:${port}`;
}

describe('team chat', () => {
  test('18 CIs: 3 hang after accept, 3 hang in connect and 2 refuse; no CI waits for another', async () => {
    const cis: Record<string, string> = {};
    for (let i = 0; i < 10; i += 1) cis[`good${i}`] = await answering(`good${i}`);
    for (let i = 0; i < 3; i += 1) cis[`mute${i}`] = await hanging(`mute${i}`);
    for (let i = 0; i < 3; i += 1) cis[`lost${i}`] = await blackhole();
    for (let i = 0; i < 2; i += 1) cis[`gone${i}`] = await refusing();
    const pool = createPool({ cis, logger: false });
    closers.push(() => pool.close());

    const began = performance.now();
    const arrived: { ci: string; atMs: number; outcome: Outcome }[] = [];
    await lastValueFrom(
      pool
        .broadcast('hello')
        .pipe(tap((outcome) => arrived.push({ ci: outcome.ci, atMs: performance.now() - began, outcome }))),
    );

    const kinds = arrived.map(({ ci }) => ci.slice(0, 4));
    expect(kinds.slice(0, 12).sort()).toEqual([...Array(2).fill('gone'), ...Array(10).fill('good')]);
    expect(kinds.slice(12)).toEqual([...Array(3).fill('lost'), ...Array(3).fill('mute')]);
    const told = (kind: string) =>
      arrived.filter(({ ci }) => ci.startsWith(kind)).map(({ outcome }) => describeEnd(outcome));
    expect(told('good')).toEqual(Array(10).fill('reply'));
    expect(told('gone')).toEqual(Array(2).fill('unavailable not_sent connect'));
    expect(told('lost')).toEqual(Array(3).fill('deadline_exceeded not_sent connect'));
    expect(told('mute')).toEqual(Array(3).fill('deadline_exceeded maybe_sent total'));
    // The order above matters; these bounds only show that nothing was added up (never 4 s).
    const last = arrived.at(-1)?.atMs ?? 0;
    expect(last).toBeGreaterThanOrEqual(2_000);
    expect(last).toBeLessThan(3_000);
    expect(arrived[12]?.atMs).toBeGreaterThanOrEqual(500);
    expect(arrived[14]?.atMs).toBeLessThan(1_900);
    expect(arrived[11]?.atMs).toBeLessThan(500);
  });

  test('with stream: true, the chunks carry their CI, and its outcome follows', async () => {
    const parts = await serveCi({
      id: 'parts',
      handler: async function* () {
        yield 'a';
        yield 'b';
      },
    });
    const whole = await serveCi({ id: 'whole', streaming: 'none', handler: () => 'all at once' });
    closers.push(
      () => parts.close(),
      () => whole.close(),
    );
    const pool = createPool({ cis: { parts: parts.url, whole: whole.url, gone: await refusing() }, logger: false });
    closers.push(() => pool.close());

    const events = await lastValueFrom(pool.broadcast('hello', { stream: true }).pipe(toArray()));

    const told = (name: string) => events.filter(({ ci }) => ci === name).map(describeEvent);
    expect(told('parts')).toEqual(['0 a', '1 b', 'ok ab']);
    expect(told('whole')).toEqual(['0 all at once', 'ok all at once']);
    expect(told('gone')).toEqual(['unavailable']);
  });

  test('sends only to the named CIs, once each, and reports unknown names', async () => {
    const pool = createPool({ cis: { a: await answering('a'), b: await answering('b') }, logger: false });
    closers.push(() => pool.close());
    const outcomes = await lastValueFrom(pool.broadcast('hello', { to: ['a', 'a', 'nobody'] }).pipe(toArray()));
    expect(outcomes.map((outcome) => [outcome.ci, outcome.ok ? 'reply' : outcome.error.code]).sort()).toEqual([
      ['a', 'reply'],
      ['nobody', 'unknown_ci'],
    ]);
  });

  test('to no CI is empty; of a closed pool, reports for each CI that it is closed', async () => {
    const empty = createPool({ logger: false });
    expect(await lastValueFrom(empty.broadcast('hello').pipe(toArray()))).toEqual([]);
    await empty.close();
    const pool = createPool({ cis: { a: 'tcp://127.0.0.1:1' }, logger: false });
    await pool.close();
    const [outcome] = await lastValueFrom(pool.broadcast('hello').pipe(toArray()));
    expect(outcome?.ok === false && outcome.error.code).toBe('closed');
  });

  test('rejects a bad list of names', () => {
    const pool = createPool({ logger: false });
    expect(() => pool.broadcast('hello', { to: 'apollo' as unknown as string[] })).toThrow('[invalid_config]');
  });
});

function describeEnd(outcome: Outcome): string {
  if (outcome.ok) return 'reply';
  return `${outcome.error.code} ${outcome.error.delivery} ${outcome.error.phase}`;
}

function describeEvent(event: Outcome | Chunk): string {
  if (!('ok' in event)) return `${event.index} ${event.content}`;
  return event.ok ? `ok ${event.reply.content}` : event.error.code;
}
