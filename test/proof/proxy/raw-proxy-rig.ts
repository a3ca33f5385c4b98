import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach } from 'vitest';
import {
  createPool,
  type Pool,
  type PoolOptions,
  type ProxyOptions,
  type ProxyServer,
  serveProxy,
} from '../../../src/index.js';
import { RawClient } from '../../support/raw-client.js';
import { RawCi, type RawRequest, type RawWire } from '../../support/raw-peer.js';

/** A test's settings for its CI, pool and proxy. */
export interface RawProxyOptions {
  /** Answers requests; without it, the test answers. */
  readonly onRequest?: (request: RawRequest) => void;
  /** Whether pongs of the CI carry the ping's id. */
  readonly echoes?: boolean;
  readonly wire?: RawWire;
  /** Whether the CI is up when the proxy starts. Default: true. */
  readonly ciIsUp?: boolean;
  readonly pool?: Partial<PoolOptions>;
  readonly proxy?: Partial<ProxyOptions>;
}

/** A CI on a raw socket, with a proxy in front of it. */
export interface RawProxy {
  readonly ci: RawCi;
  readonly pool: Pool;
  readonly proxy: ProxyServer;
  readonly url: string;
  /** Connects, once the proxy accepts connections. */
  client(): Promise<RawClient>;
}

/** Longest wait for a proxy to listen, in ms. */
const PATIENCE_MS = 8_000;

/** Proxies in front of raw CIs; all are closed after a test. For tests that run one after the other. */
export function useRawProxy() {
  const proxies = rawProxies();
  afterEach(proxies.close);
  return proxies;
}

/** Proxies in front of raw CIs, until `close` is called. */
export function rawProxies() {
  const closing: (() => unknown)[] = [];
  const close = async () => {
    for (const each of closing.splice(0).reverse()) await each();
  };
  const open = async ({
    onRequest,
    echoes = false,
    wire,
    ciIsUp = true,
    pool: poolOptions,
    proxy: options,
  }: RawProxyOptions = {}) => {
    const ci = await RawCi.listen(onRequest, { echoes, ...(wire === undefined ? {} : { wire }) });
    closing.push(() => ci[Symbol.asyncDispose]());
    if (!ciIsUp) await ci.leave();
    return { ...(await proxyFor(ci.url, poolOptions, options)), ci } as RawProxy;
  };
  const proxyFor = async (
    ciUrl: string,
    poolOptions: Partial<PoolOptions> = {},
    options: Partial<ProxyOptions> = {},
  ) => {
    const pool = createPool({ cis: { apollo: ciUrl }, logger: false, ...poolOptions });
    closing.push(() => pool.close({ drainTimeoutMs: 0 }));
    const proxy = await serveProxy(pool, { listen: { apollo: 0 }, ...options });
    closing.push(() => proxy.close({ drainTimeoutMs: 0 }));
    const url = proxy.urls.apollo as string;
    const client = async () => {
      const one = await connected(url);
      closing.push(() => one.close());
      return one;
    };
    return { pool, proxy, url, client };
  };
  return { open, proxyFor, close, onEnd: (fn: () => unknown) => void closing.push(fn) };
}

/** Connects; repeats it while there is no listener. */
export async function connected(url: string): Promise<RawClient> {
  const giveUpMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await RawClient.to(url);
    } catch (error) {
      if (performance.now() > giveUpMs) throw error;
      await sleep(5);
    }
  }
}

/** A CI that serves the lines of a connection one after the other, and its connections side by side. */
export function inTurns(serve: (request: RawRequest) => Promise<void>): (request: RawRequest) => void {
  const turns = new WeakMap<object, Promise<void>>();
  return (request) => {
    const turn = (turns.get(request.connection) ?? Promise.resolve()).then(() => serve(request));
    turns.set(request.connection, turn);
  };
}
