import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createWebSocketInspector, createWebSocketReceiver } from '@statelyai/inspect';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { createPool, type InspectionObserver } from '../../../../src/index.js';
import { inspectWithStately } from '../../../../src/inspector/stately/inspect-with-stately.js';
import { watchableOf } from '../../../../src/observe/watchable.js';
import { useInspectors } from '../../../support/inspectors.js';
import { until } from '../../../support/stage.js';

const { pool } = useInspectors();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A relay like the package's own: each message goes to all other clients. */
async function relay(port = 0): Promise<string> {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data) => {
      for (const other of server.clients) if (other !== socket) other.send(String(data));
    });
  });
  closing.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Told = { readonly type: string; readonly name?: string; readonly sessionId: string } & Record<string, unknown>;

/** The package's own receiver. */
function received(url: string): Told[] {
  const told: Told[] = [];
  const receiver = createWebSocketReceiver({ server: url });
  receiver.subscribe((event) => void told.push(event as unknown as Told));
  return told;
}

describe('up to a few connections, in the format of @statelyai/inspect', () => {
  test('are sent with their state first, then each change; no content, no settings', async () => {
    const url = await relay();
    const told = received(url);
    const watched = await pool(['apollo', 'athena']);
    await watched.warm();
    const report = await inspectWithStately(watched, { url, connections: ['apollo'] });
    closing.push(() => report.close());
    await until(() => told.some(({ type }) => type === '@xstate.snapshot'));
    await firstValueFrom(watched.ask('apollo', 'a secret'));
    watchableOf(watched).intervene({ do: 'reconnect', connection: 'apollo#1' });
    await until(() => told.some(({ snapshot }) => (snapshot as { value?: unknown } | undefined)?.value === 'closed'));
    const [machine, ...others] = told.filter(({ type }) => type === '@xstate.actor');
    expect(machine).toMatchObject({ name: 'apollo#1', snapshot: { value: { linked: 'healthy' } } });
    expect(JSON.parse(String(machine?.definition))).toMatchObject({
      id: 'connection',
      states: { idle: {}, linked: {} },
    });
    expect(others.map(({ name }) => name)).toEqual(['link', 'heartbeat']);
    expect(others.every(({ parentId }) => parentId === machine?.sessionId)).toBe(true);
    const text = JSON.stringify(told);
    expect(text).not.toContain('athena');
    expect(text).not.toContain('a secret');
    expect(text).not.toContain('connectTimeoutMs":');
    expect(machine?.sessionId.startsWith(`${process.pid}-`)).toBe(true);
  });

  test('are sent with the events and contexts that the function leaves, without secrets', async () => {
    const url = await relay();
    const told = received(url);
    const watched = await pool();
    await watched.warm();
    const seen: (string | number)[][] = [];
    const report = await inspectWithStately(watched, {
      url,
      redact: (value, path) => {
        seen.push([...path]);
        if (path.at(-1) === 'connection') return '[name]';
        return path.at(-1) === 'demand' ? undefined : value;
      },
    });
    closing.push(() => report.close());
    await until(() => told.some(({ type }) => type === '@xstate.snapshot'));
    watchableOf(watched).intervene({ do: 'reconnect', connection: 'apollo#1' });
    const isClose = ({ type, event }: Told) => type === '@xstate.event' && (event as { type: string }).type === 'close';
    await until(() => told.some(isClose));
    const contexts = told.flatMap(({ name, snapshot }) =>
      name === 'apollo#1' ? [(snapshot as { context: Record<string, unknown> }).context] : [],
    );
    expect(contexts[0]).toMatchObject({ connection: '[name]' });
    expect(contexts[0]).not.toHaveProperty('demand');
    // More than the six fields that are sent without a function.
    expect(contexts[0]).toHaveProperty('ci', 'apollo');
    expect(told.find(isClose)?.event).toMatchObject({ type: 'close', reason: 'by_hand' });
    expect(seen.map(([first]) => first)).toEqual(expect.arrayContaining(['event', 'context']));
  });

  test('are sent again with their state after the other end was away', async () => {
    const url = await relay();
    const endRelay = closing.at(-1) as () => unknown;
    const told = received(url);
    const watched = await pool();
    await watched.warm();
    const report = await inspectWithStately(watched, { url });
    closing.push(() => report.close());
    await until(() => told.some(({ name }) => name === 'apollo#1'));
    endRelay();
    await relay(Number(new URL(url).port));
    const anew = received(url);
    await until(() => anew.some(({ name }) => name === 'apollo#1'));
  }, 20_000);
});

describe('createPool({ inspect })', () => {
  test("accepts the package's own inspector: actors by name, charts with descriptions, no content and no address", async () => {
    const url = await relay();
    const told = received(url);
    const inspector = createWebSocketInspector({ url, autoStart: true });
    closing.push(() => inspector.stop());
    const ci = await pool();
    const address = ci.snapshot().cis.apollo?.url ?? '';
    const watched = createPool({
      cis: { apollo: address },
      logger: false,
      inspect: inspector.inspect as InspectionObserver,
    });
    await firstValueFrom(watched.ask('apollo', 'a secret'));
    await until(() => told.some(({ name }) => name === 'apollo#1'));
    await watched.close();
    await until(() => told.some(({ snapshot }) => (snapshot as { value?: unknown } | undefined)?.value === 'closed'));
    const actors = told.filter(({ type }) => type === '@xstate.actor').map(({ name }) => name);
    expect(actors).toEqual(expect.arrayContaining(['pool', 'apollo#1', 'link', 'heartbeat']));
    const connection = told.find(({ name }) => name === 'apollo#1');
    expect(JSON.parse(String(connection?.definition)).description).toContain('One connection to one agent (CI)');
    expect(JSON.stringify(told)).not.toContain('a secret');
    expect(JSON.stringify(told)).not.toContain(address);
  });
});
