import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ChartNode, ForeignActor, Recorded } from '../../../src/inspector/feed/records.js';
import {
  type ForeignInspector,
  type ForeignInspectorOptions,
  startForeignInspector,
} from '../../../src/inspector/index.js';
import { ask, tokenOf, watch } from '../../support/inspectors.js';
import { until } from '../../support/stage.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function started(options: ForeignInspectorOptions = {}): Promise<ForeignInspector> {
  const inspector = await startForeignInspector(options);
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
  const evil = 'http://evil.example';

  test('a page of another origin needs the token, which its person gave it', async () => {
    const { url, wsUrl } = await started();
    await expect(connected(wsUrl, { origin: evil })).rejects.toThrow('403');
    await expect(connected(wsUrl, { origin: 'null' })).rejects.toThrow('403');
    await expect(connected(wsUrl, { origin: new URL(url).origin })).rejects.toThrow('403');
    await connected(`${wsUrl}?token=${tokenOf(url)}`, { origin: 'http://localhost:5173' });
  });

  test('a foreign name that resolves to this address is refused, even with the token', async () => {
    const { url, wsUrl } = await started();
    const headers = { host: 'evil.example' };
    await expect(connected(wsUrl, { headers })).rejects.toThrow('421');
    await expect(connected(`${wsUrl}?token=${tokenOf(url)}`, { headers })).rejects.toThrow('421');
    await expect(connected(`${wsUrl}?token=${tokenOf(url)}`, { headers, origin: evil })).rejects.toThrow('421');
  });

  test('a program under an allowed name needs the token: it can be on any machine', async () => {
    const { url, wsUrl } = await started({ allowedHosts: ['box.example:8443'] });
    const headers = { host: 'box.example:8443' };
    const withToken = `${wsUrl}?token=${tokenOf(url)}`;
    await expect(connected(wsUrl, { headers })).rejects.toThrow('403');
    await expect(connected(wsUrl, { headers, origin: 'https://box.example:8443' })).rejects.toThrow('403');
    await connected(withToken, { headers });
    await connected(withToken, { headers, origin: 'https://box.example:8443' });
    await connected(withToken, { headers, origin: 'https://app.example' });
    await expect(connected(withToken, { headers: { host: 'box.example:8444' } })).rejects.toThrow('421');
    await connected(wsUrl);
  });

  test('a wrong token is refused in any case, and guesses are limited', async () => {
    const { url, wsUrl } = await started();
    for (const options of [{}, { origin: evil }]) {
      await expect(connected(`${wsUrl}?token=wrong`, options)).rejects.toThrow('401');
    }
    for (let count = 2; count < 20; count += 1) await connected(`${wsUrl}?token=${count}`).catch(() => {});
    await expect(connected(`${wsUrl}?token=wrong`)).rejects.toThrow('429');
    await connected(`${wsUrl}?token=${tokenOf(url)}`);
  });

  test('accepts fifty, and no more', async () => {
    const { wsUrl } = await started();
    await Promise.all(Array.from({ length: 50 }, () => connected(wsUrl)));
    await expect(connected(wsUrl)).rejects.toThrow('503');
  });
});

test('endSessions disconnects browsers, and no programs', async () => {
  const inspector = await started();
  const { url, wsUrl } = inspector;
  const program = await connected(wsUrl);
  const { headers } = await ask(url, `/?token=${tokenOf(url)}`);
  const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const watching = await watch(url, { cookie });
  inspector.endSessions();
  await watching.closed;
  expect((await ask(url, '/api/session', { headers: { cookie } })).status).toBe(401);
  program.send(JSON.stringify({ type: '@xstate.actor', sessionId: 'x:1', name: 'still-here' }));
  const again = await watch(url);
  await again.told((record) => record.t === 'actor' && record.name === 'still-here');
  again.leave();
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
