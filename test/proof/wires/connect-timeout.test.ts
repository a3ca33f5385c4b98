import dns from 'node:dns';
import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type ChoragusError,
  createPool,
  type ListenOptions,
  type Pool,
  type PoolOptions,
  serveCi,
} from '../../../src/index.js';
import { openBlackhole } from '../../support/blackhole.js';
import { certificates } from '../../support/certificates.js';
import { dialects } from '../../support/model-dialects.js';
import { until } from '../../support/stage.js';
import { ClosingModel } from './closing-model.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  vi.restoreAllMocks();
});

function pooled(options: PoolOptions): Pool {
  const pool = createPool({ logger: false, reconnectDelayMs: 60_000, ...options });
  closing.push(() => pool.close({ drainTimeoutMs: 0 }));
  return pool;
}

/** A port whose host does not answer a connect. */
async function blackHole(): Promise<number> {
  const hole = await openBlackhole();
  closing.push(() => hole.close());
  return Number(new URL(hole.url).port);
}

const ask = (pool: Pool, ci: string) => firstValueFrom(pool.ask(ci, 'hello', { deadlineMs: 25_000 }));
const failure = (pool: Pool, ci: string): Promise<ChoragusError> =>
  ask(pool, ci).then(
    () => expect.fail('it was answered'),
    (error) => error,
  );

const urls = {
  tcp: (where: string) => `tcp://${where}`,
  ws: (where: string) => `ws://${where}`,
  openai: (where: string) => `openai+http://${where}/llama`,
  ollama: (where: string) => `ollama://${where}/llama`,
} as const;
type Wire = keyof typeof urls;
const wires = Object.keys(urls) as Wire[];

/** An answering CI on this wire. Returns its port. */
async function serve(wire: Wire, port = 0, host = '127.0.0.1'): Promise<number> {
  if (wire === 'openai' || wire === 'ollama') {
    const model = await ClosingModel.listen(dialects[wire], {}, port, host);
    closing.push(() => model[Symbol.asyncDispose]());
    return model.port;
  }
  const ci = await serveCi({ id: wire, handler: () => 'ok', listen: { port, host, webSocket: wire === 'ws' } });
  closing.push(() => ci.close());
  return ci.port;
}

describe('connectTimeoutMs', () => {
  test('alone limits the wait for a host that does not answer, on every wire', async () => {
    const port = await blackHole();
    const ended: string[] = [];
    const dial = async (ci: string, url: string, connectTimeoutMs: number): Promise<void> => {
      const pool = pooled({ cis: { [ci]: { url, connectTimeoutMs } } });
      const beganMs = performance.now();
      expect(await failure(pool, ci)).toMatchObject({ code: 'unavailable', delivery: 'not_sent' });
      // Timers of Node may be a millisecond early.
      expect(performance.now() - beganMs).toBeGreaterThanOrEqual(connectTimeoutMs - 2);
      ended.push(`${connectTimeoutMs}`);
    };
    const urlsHere = wires.map((wire) => urls[wire](`127.0.0.1:${port}`));
    await Promise.all(urlsHere.flatMap((url) => [dial('late', url, 1_400), dial('soon', url, 700)]));
    expect(ended).toEqual([...wires.map(() => '700'), ...wires.map(() => '1400')]);
  });

  test.each(['openai', 'ollama'] as const)('%s: applies to later sockets, too', async (wire) => {
    const hole = await blackHole();
    const model = await ClosingModel.listen(dialects[wire]);
    closing.push(() => model[Symbol.asyncDispose]());
    const pool = pooled({ cis: { muse: { url: urls[wire](`127.0.0.1:${model.port}`), connectTimeoutMs: 500 } } });
    await ask(pool, 'muse');
    const { connect } = net;
    vi.spyOn(net, 'connect').mockImplementation((...[options]: unknown[]) =>
      Reflect.apply(connect, net, [{ ...(options as object), port: hole }]),
    );
    const beganMs = performance.now();
    const error = await failure(pool, 'muse');
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(498);
    expect(error).toMatchObject({ code: 'unavailable', delivery: 'not_sent' });
    expect(error.message).toContain('no connection within 500 ms');
    expect(model.posts).toBe(1);
  });
});

/** Returns the options that a dial of this address passes to Node. */
async function optionsOf(url: string, connectTimeoutMs: number): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown>[] = [];
  const note = (...[options]: unknown[]): net.Socket => {
    seen.push(options as Record<string, unknown>);
    const socket = new net.Socket();
    setImmediate(() => socket.destroy(new Error('not dialled')));
    return socket;
  };
  vi.spyOn(net, 'connect').mockImplementation(note);
  vi.spyOn(tls, 'connect').mockImplementation(note as unknown as typeof tls.connect);
  await failure(pooled({ cis: { muse: { url, connectTimeoutMs } } }), 'muse');
  expect(seen).toHaveLength(1);
  return seen[0] ?? {};
}

const everyUrl = [
  ...wires.map((wire) => urls[wire]('host.test:9')),
  'tls://host.test:9',
  'wss://host.test:9',
  'openai+https://host.test:9/llama',
  'ollama+https://host.test:9/llama',
];

describe.each(everyUrl)('the options of a dial of %s', (url) => {
  test.each([
    [20_000, 10_000],
    [700, 350],
    [1, 10],
  ])(
    "an attempt at one of several addresses has half of the %i ms, and at least Node's minimum",
    async (whole, half) => {
      expect(await optionsOf(url, whole)).toMatchObject({
        host: 'host.test',
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: half,
      });
    },
  );
});

test('a name with two addresses, the first of which does not answer: up within connectTimeoutMs, on every wire', async () => {
  const port = await blackHole();
  // The same port, on another address of this machine for each wire.
  const hosts = wires.map((wire, n) => ({ wire, name: `${wire}.test`, address: `127.0.0.${n + 2}` }));
  for (const { wire, address } of hosts) await serve(wire, port, address);
  const lookup = (name: string, _options: unknown, done: (error: unknown, found: unknown) => void): void => {
    const address = hosts.find((host) => host.name === name)?.address;
    const found = ['127.0.0.1', address].map((one) => ({ address: one, family: 4 }));
    process.nextTick(() => done(address === undefined ? new Error(`who is ${name}?`) : null, found));
  };
  vi.spyOn(dns, 'lookup').mockImplementation(lookup as unknown as typeof dns.lookup);
  const cis = Object.fromEntries(hosts.map(({ wire, name }) => [wire, urls[wire](`${name}:${port}`)]));
  const pool = pooled({ cis, connectTimeoutMs: 5_000 });
  const report = await pool.warm();
  expect(report).toEqual({ up: wires, down: [] });
  const replies = await Promise.all(wires.map((wire) => ask(pool, wire)));
  for (const { content } of replies) expect(content).toMatch(/^(?:ok|all is well)$/);
});

/**
 * Returns the kernel's timers on the connections of a port: `02` is the one of SO_KEEPALIVE.
 *
 * @see `proc_net_tcp` in the documentation of Linux
 */
function timers(port: number, end: 'dialled' | 'accepted'): string[] {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, remote, state]) => (end === 'dialled' ? remote : local)?.endsWith(hex) && state === '01')
    .map((fields) => fields[5]?.slice(0, 2) ?? '');
}

describe.skipIf(!existsSync('/proc/net/tcp'))('SO_KEEPALIVE in the kernel', () => {
  const allSet = (port: number, end: 'dialled' | 'accepted') => () => {
    const found = timers(port, end);
    return found.length > 0 && found.every((timer) => timer === '02');
  };

  test.each(wires)('%s: is set on dialled sockets', async (wire) => {
    const port = await serve(wire);
    await ask(pooled({ cis: { muse: urls[wire](`127.0.0.1:${port}`) } }), 'muse');
    await until(allSet(port, 'dialled'));
  });

  const { ca, server } = certificates;
  const listening = {
    tcp: {},
    tls: { tls: server },
    ws: { webSocket: true },
    wss: { webSocket: true, tls: server },
  } as const;

  /** A served CI, and a pool that has sent it a request. Returns the port. */
  async function asked(listen: ListenOptions): Promise<number> {
    const ci = await serveCi({ id: 'apollo', handler: () => 'ok', listen });
    closing.push(() => ci.close());
    await ask(pooled({ cis: { apollo: { url: ci.url, tls: { ca, servername: 'localhost' } } } }), 'apollo');
    return ci.port;
  }

  test.each(Object.entries(listening))('%s: is set on the sockets that a served CI accepts', async (_wire, listen) => {
    await until(allSet(await asked(listen), 'accepted'));
  });

  // Node accepts keepAlive as an option of net.connect, but not of tls.connect.
  test.each(['tls', 'wss'] as const)('%s: is set on dialled sockets', async (wire) => {
    await until(allSet(await asked(listening[wire]), 'dialled'));
  });

  test.each(['tls', 'wss'] as const)('%s: small writes do not wait for each other (TCP_NODELAY)', async (wire) => {
    const setNoDelay = vi.spyOn(tls.TLSSocket.prototype, 'setNoDelay');
    await asked(listening[wire]);
    const dialled = setNoDelay.mock.contexts.filter(
      (socket) => !(socket as tls.TLSSocket & { server?: unknown }).server,
    );
    expect(dialled.length).toBeGreaterThan(0);
    expect(setNoDelay.mock.calls.every(([isOn]) => isOn !== false)).toBe(true);
  });
});
