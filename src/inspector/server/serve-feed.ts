import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import * as v from 'valibot';
import { wholeNumber } from '../../checks/index.js';
import type { Feed } from '../feed/feed.js';
import { Access } from './access.js';
import { allowedHosts } from './allowed-hosts.js';
import { answerEntry } from './entry.js';
import { sendText } from './respond.js';
import { gets, posts, type RouteContext } from './routes.js';
import { authorityOf } from './server-names.js';
import { Watchers } from './watchers.js';
import { isNavigation, sendWelcome } from './welcome.js';

const MOST_CONNECTIONS = 256;
/** Interval for checking request timeouts, in ms. */
const CHECK_MS = 2_000;

/** Configures the server of a feed. */
export interface ServeFeedOptions {
  readonly host: string;
  /** 0 chooses a free port. */
  readonly port: number;
  readonly token: string;
  /** Further names that `Host` and `Origin` may carry. */
  readonly allowedHosts: readonly string[];
  /** Accepts a WebSocket. Without it, the server refuses WebSockets. */
  readonly onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer, access: Access) => void;
}

/** A running server of a feed and its page. */
export interface FeedServer {
  /** The address of the page, with the token. */
  readonly url: string;
  /** The same, for watching only. */
  readonly readOnlyUrl: string;
  readonly port: number;
  /** Ends all sessions and their event streams. */
  endSessions(): void;
  close(): Promise<void>;
}

/** Serves a feed and its page. Does not keep the process alive. */
export async function serveFeed(feed: Feed, options: ServeFeedOptions): Promise<FeedServer> {
  const { host, port, token, allowedHosts, onUpgrade } = options;
  const readOnlyToken = randomBytes(24).toString('base64url');
  const server = createServer({ connectionsCheckingInterval: CHECK_MS });
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  server.maxConnections = MOST_CONNECTIONS;
  const bound = await listen(server, host, port);
  const access = new Access({ token, readOnlyToken, host, port: bound, allowedHosts });
  const watchers = new Watchers(feed);
  const context: Served = { feed, watchers, access };
  server.on('connection', (socket) => socket.unref());
  server.on('request', (request, response) => {
    // An error must end the request, not the watched service.
    handle(context, request, response).catch(() => response.destroy());
  });
  server.on('upgrade', (request, socket, head) => {
    // Without a listener, the error of a client that leaves early would end the process.
    socket.on('error', () => {});
    if (onUpgrade === undefined || targetOf(request) === undefined) socket.destroy();
    else onUpgrade(request, socket, head, access);
  });
  const address = `http://${authorityOf(reachable(host), bound)}`;
  return {
    url: `${address}/?token=${token}`,
    readOnlyUrl: `${address}/?token=${readOnlyToken}`,
    endSessions: () => access.sessions.endAll(),
    port: bound,
    close: () => close(server, watchers),
  };
}

/** What all requests share. */
type Served = Omit<RouteContext, 'person'>;

async function handle(context: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  setGuards(response);
  const { access } = context;
  const refused = access.refusalOfName(request);
  if (refused !== undefined) return sendText(response, refused.status, refused.text);
  const url = targetOf(request);
  if (url === undefined) return sendText(response, 400, 'The request target is not a valid URL.');
  if (await answerEntry(access, url, request, response)) return;
  const person = access.personOf(request);
  if (person !== undefined) return route({ ...context, person }, url.pathname, request, response);
  const stranger = access.refusalOfStranger(request);
  if (url.pathname === '/' && request.method === 'GET' && isNavigation(request)) {
    return sendWelcome(request, response, { status: 401 });
  }
  sendText(response, stranger.status, stranger.text);
}

async function route(
  context: RouteContext,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const takes = [...(Object.hasOwn(gets, path) ? ['GET'] : []), ...(Object.hasOwn(posts, path) ? ['POST'] : [])];
  if (takes.length === 0) return sendText(response, 404, 'The page does not exist.');
  if (!takes.includes(request.method ?? '')) {
    response.setHeader('allow', takes.join(', '));
    return sendText(response, 405, `${path} takes ${takes.join(' and ')}.`);
  }
  const isPost = request.method === 'POST';
  const refused = isPost ? context.access.refusalOfPost(request) : undefined;
  if (refused !== undefined) return sendText(response, refused.status, refused.text);
  await (isPost ? posts : gets)[path]?.(context, response, request);
}

/** Returns the request's URL; `undefined` if it is invalid, for example `//`. */
function targetOf({ url = '/' }: IncomingMessage): URL | undefined {
  return URL.canParse(url, 'http://inspector') ? new URL(url, 'http://inspector') : undefined;
}

/** Replaces a wildcard address, because a browser cannot open it. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

const guards: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'cache-control': 'no-store',
};

function setGuards(response: ServerResponse): void {
  for (const [name, value] of Object.entries(guards)) response.setHeader(name, value);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      // A failed accept concerns a client that has left: the server continues.
      server.on('error', () => {});
      server.unref();
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function close(server: Server, watchers: Watchers): Promise<void> {
  watchers.close();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** The options of every inspector: its address and its token. */
export const listenOptions = {
  allowedHosts,
  port: v.optional(wholeNumber(0, 65_535), 0),
  host: v.optional(v.message(v.pipe(v.string(), v.minLength(1)), 'a host name or an IP address'), '127.0.0.1'),
  token: v.optional(
    v.message(v.pipe(v.string(), v.minLength(16), v.regex(/^[\w.~-]+$/)), 'at least 16 letters, digits and _ . ~ -'),
    () => randomBytes(24).toString('base64url'),
  ),
};
