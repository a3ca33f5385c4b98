import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as v from 'valibot';
import { check, milliseconds, optionsOf } from '../checks/index.js';
import type { Pool } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { Gateway } from './gateway.js';
import { type GatewayOptions, type GatewaySettings, readGatewayOptions } from './options.js';

/** Describes a running gateway. */
export interface GatewayServer extends AsyncDisposable {
  /** The address that clients use, such as `http://127.0.0.1:8080`. OpenAI's clients add `/v1`. */
  readonly url: string;
  /** The port that it listens on. */
  readonly port: number;
  /** Number of requests under way. */
  readonly inFlight: number;
  /**
   * Stops accepting clients and requests, waits for those under way, and cuts those that take too long. The pool stays
   * open.
   *
   * @param options - `drainTimeoutMs`: how long to wait, in ms. Default: 5,000.
   */
  close(options?: { readonly drainTimeoutMs?: number | undefined }): Promise<void>;
}

/** Longer than load balancers keep an idle connection (75 s): they must be the first to close it, or they lose requests. */
const KEEP_ALIVE_MS = 80_000;
/** Interval for checking the timeouts of connections, in ms. */
const CHECK_MS = 1_000;
const DRAIN_MS = 5_000;
const IDLE_CHECK_MS = 20;
const READ_MS = 500;

const drainOptions = optionsOf({ drainTimeoutMs: v.optional(milliseconds(0), DRAIN_MS) });

/**
 * Serves a pool to programs that speak HTTP: clients of OpenAI's API ask its CIs without a change. A client that leaves cancels its request. The status of a failure tells clients whether to send the request
 * again: they do only if no CI can have seen it.
 *
 * @throws ChoragusError `invalid_config` for a bad option, or if `pool` is not a pool of `createPool`; `unavailable` if
 *   the system refuses to listen; as a rejection.
 *
 * @example
 * ```ts
 * const pool = createPool({ cis: { apollo: 'tcp://localhost:45012' } });
 * await using gateway = await serveGateway(pool, { port: 8_080 });
 * ```
 */
export async function serveGateway(pool: Pool, options: GatewayOptions = {}): Promise<GatewayServer> {
  const settings = readGatewayOptions(options);
  const gateway = new Gateway('serveGateway', pool, settings);
  const server = createServer({ connectionsCheckingInterval: CHECK_MS });
  server.headersTimeout = settings.headTimeoutMs;
  server.requestTimeout = settings.requestTimeoutMs;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = settings.maxConnections;
  const mayName = nameCheck(settings);
  server.on('request', (request, response) => {
    if (mayName(request)) return gateway.handle(request, response);
    response.writeHead(421, { 'content-type': 'text/plain' });
    response.end('The Host header does not name this server: use its address, or list the name in "allowedHosts".\n');
  });
  const port = await listen(server, settings);
  let closing: Promise<void> | undefined;
  const close: GatewayServer['close'] = async (how = {}) => {
    const { drainTimeoutMs } = check(drainOptions, how, { of: 'close' });
    gateway.drain();
    closing ??= closeServer(server, gateway, drainTimeoutMs);
    await closing;
  };
  return {
    url: `http://${authorityOf(settings.host)}:${port}`,
    port,
    get inFlight() {
      return gateway.inFlight;
    },
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

function listen(server: Server, { host, port }: GatewaySettings): Promise<number> {
  return new Promise((resolve, reject) => {
    const refused = (cause: Error): void => {
      const message = `cannot listen on ${authorityOf(host)}:${port}`;
      reject(new ChoragusError('unavailable', message, { delivery: 'not_sent', cause }));
    };
    server.once('error', refused);
    server.listen({ host, port }, () => {
      server.off('error', refused);
      // A failed accept concerns a client that has left: the server continues.
      server.on('error', () => {});
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Closes a server: idle connections at once, the others when their requests have ended, and in the end all. */
async function closeServer(server: Server, gateway: Gateway, drainTimeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  // A connection that is kept open would hold up the close when its request has ended.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  server.closeIdleConnections();
  const timers = [
    setTimeout(() => gateway.cut(), drainTimeoutMs),
    // Clients have this long to read why their requests were cut.
    setTimeout(() => server.closeAllConnections(), drainTimeoutMs + READ_MS),
  ];
  await closed;
  clearInterval(idle);
  for (const timer of timers) clearTimeout(timer);
}

/**
 * Returns a check whether a request names this server. Without keys, the name is what protects from a page of the
 * internet whose name resolves to this machine (DNS rebinding). Such a page cannot use an address as its name.
 */
function nameCheck({ keys, host, allowedHosts }: GatewaySettings): (request: IncomingMessage) => boolean {
  if (keys !== undefined) return () => true;
  const names = new Set(['localhost', host, ...allowedHosts].map((name) => name.toLowerCase()));
  return ({ headers }) => {
    const given = (headers.host ?? '').toLowerCase();
    const name = given.replace(/:\d*$/, '');
    return given === '' || /^(?:[\d.]+|\[[\da-f:.]+\])$/.test(name) || names.has(name) || names.has(given);
  };
}

function authorityOf(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
