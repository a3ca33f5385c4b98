import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ChartNode, ForeignActor, Recorded } from '../../../src/inspector/feed/records.js';
import { type ForeignInspector, startForeignInspector } from '../../../src/inspector/index.js';
import { tokenOf, watch } from '../../support/inspectors.js';
import { until } from '../../support/stage.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function started(): Promise<ForeignInspector> {
  const inspector = await startForeignInspector();
  closing.push(() => inspector.close());
  return inspector;
}

function program(wsUrl: string): () => Promise<unknown> {
  const script = fileURLToPath(new URL('./foreign-program.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, wsUrl], { stdio: ['pipe', 'ignore', 'inherit'] });
  const gone = once(child, 'exit');
  const end = (): Promise<unknown> => {
    child.stdin.end();
    return gone;
  };
  closing.push(end);
  return end;
}

const actorsIn = (records: readonly Recorded[]) => {
  const byName = new Map<string, ForeignActor>();
  for (const record of records) if (record.t === 'actor') byName.set(record.name, record);
  return byName;
};

function find(node: ChartNode | undefined, path: string): ChartNode | undefined {
  if (node === undefined || node.id === path) return node;
  for (const child of node.states) {
    const found = find(child, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

const muted = { track: { playing: 'fast' }, volume: 'muted' };

describe('a program that reports with @statelyai/inspect', () => {
  test('is shown with its actors, charts, states and events, and its end', async () => {
    const { url, wsUrl } = await started();
    const end = program(wsUrl);
    const watching = await watch(url);
    await watching.told((record) => record.t === 'trace' && record.kind === 'event' && record.type === 'mute');
    await watching.told((record) => record.t === 'actor' && record.name === 'child' && record.status === 'done');
    const player = actorsIn(watching.records).get('player');
    expect(player?.chart).toMatchObject({ type: 'parallel', description: 'Plays.' });
    // A watcher that came before the changes has them as events.
    await watching.told(
      (record) => record.t === 'trace' && record.to === player?.actor && isDeepStrictEqual(record.value, muted),
    );
    const playing = find(player?.chart, 'track.playing');
    expect(playing?.invokes).toEqual(['worker', 'load']);
    expect(playing?.edges.map(({ event, targets }) => [event, targets])).toEqual([
      ['pause', ['track.paused']],
      ['after 60000', ['track.paused']],
    ]);
    expect(find(player?.chart, 'volume.normal')?.edges[0]).toMatchObject({
      guard: 'isLoud',
      targets: ['volume.muted'],
    });
    expect(find(player?.chart, 'volume.last')?.type).toBe('history');
    expect(actorsIn(watching.records).get('worker')).toMatchObject({ parent: player?.actor });
    const afterwards = await watch(url);
    await afterwards.told(({ t }) => t === 'ready');
    expect(actorsIn(afterwards.records).get('player')).toMatchObject({ value: muted, context: { plays: 1 } });
    afterwards.leave();
    await end();
    await watching.told((record) => record.t === 'actor' && record.name === 'player' && record.status === 'stopped');
    watching.leave();

    const late = await watch(url);
    await late.told(({ t }) => t === 'ready');
    expect(actorsIn(late.records).get('player')).toMatchObject({
      status: 'stopped',
      value: muted,
      context: { plays: 1 },
    });
    late.leave();
  }, 30_000);
});

function connected(url: string, options: object = {}): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options);
    closing.push(() => socket.terminate());
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

describe('access for reports', () => {
  test('a page of another origin needs the token', async () => {
    const { url, wsUrl } = await started();
    await expect(connected(wsUrl, { origin: 'http://evil.example' })).rejects.toThrow('403');
    await connected(`${wsUrl}?token=${tokenOf(url)}`, { origin: 'http://localhost:5173' });
  });

  test('a foreign name that resolves to this address is refused', async () => {
    const { wsUrl } = await started();
    await expect(connected(wsUrl, { headers: { host: 'evil.example' } })).rejects.toThrow('403');
  });

  test('accepts fifty, and no more', async () => {
    const { wsUrl } = await started();
    await Promise.all(Array.from({ length: 50 }, () => connected(wsUrl)));
    await expect(connected(wsUrl)).rejects.toThrow('403');
  });
});

describe('rejects a bad report', () => {
  test.each([
    'hello',
    '[]',
    'null',
    '{}',
    '{"type":"@xstate.actor"}',
    '{"type":"@xstate.event","sessionId":"x:0"}',
    '{"type":"@xstate.snapshot","sessionId":"x:0","snapshot":7}',
    '{"type":"@xstate.unheard","sessionId":"x:0"}',
  ])('%s is dropped and counted, and does no other harm', async (message) => {
    const inspector = await started();
    const socket = await connected(inspector.wsUrl);
    socket.send(message);
    await until(() => inspector.dropped === 1);
    socket.send(JSON.stringify({ type: '@xstate.actor', sessionId: 'x:1', name: 'sound' }));
    const watching = await watch(inspector.url);
    await watching.told((record) => record.t === 'actor' && record.name === 'sound');
    watching.leave();
  });

  test('a frame of over 1 MiB ends only its own connection', async () => {
    const inspector = await started();
    const [large, sound] = [await connected(inspector.wsUrl), await connected(inspector.wsUrl)];
    const gone = once(large, 'close');
    large.send('x'.repeat(1_100_000));
    await gone;
    expect(sound.readyState).toBe(sound.OPEN);
  });

  test('keeps a limited number of actors: the oldest make room', async () => {
    const inspector = await started();
    const socket = await connected(inspector.wsUrl);
    for (let i = 0; i < 1_100; i += 1) {
      socket.send(JSON.stringify({ type: '@xstate.actor', sessionId: `x:${i}`, name: `actor-${i}` }));
    }
    const watching = await watch(inspector.url);
    await watching.told((record) => record.t === 'actor' && record.name === 'actor-1099');
    watching.leave();
    const late = await watch(inspector.url);
    await late.told(({ t }) => t === 'ready');
    const names = actorsIn(late.records);
    expect([names.size, names.has('actor-0'), names.has('actor-1099')]).toEqual([1_000, false, true]);
    late.leave();
  });
});
