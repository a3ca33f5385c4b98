import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Access } from './access.js';
import type { Feed } from './feed.js';
import { gets, posts, type Served, sendText } from './routes.js';
import { Watchers } from './watchers.js';

const MOST_CONNECTIONS = 256;

/** Where and for whom. */
export interface ServeFeedOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly token: string;
  /** Takes a WebSocket in; without it there are none. */
  readonly onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer, access: Access) => void;
}

/** A page and what it lives on, being served. */
export interface FeedServer {
  /** Holds the token. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Serves a feed and its page. Keeps no process alive. */
export async function serveFeed(feed: Feed, { host, port, token, onUpgrade }: ServeFeedOptions): Promise<FeedServer> {
  const server = createServer();
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  server.maxConnections = MOST_CONNECTIONS;
  const bound = await listen(server, host, port);
  const access = new Access(token, host, bound);
  const watchers = new Watchers(feed);
  const served: Served = { feed, watchers, access };
  server.on('connection', (socket) => socket.unref());
  server.on('request', (request, response) => void handle(served, request, response));
  server.on('upgrade', (request, socket, head) => {
    if (onUpgrade === undefined) socket.destroy();
    else onUpgrade(request, socket, head, access);
  });
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${bound}/?token=${token}`,
    port: bound,
    close: () => close(server, watchers),
  };
}

async function handle(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  setGuards(response);
  const { access } = served;
  const refused = access.refusalOfName(request);
  if (refused !== undefined) return sendText(response, refused.status, refused.text);
  const url = new URL(request.url ?? '/', 'http://inspector');
  if (url.pathname === '/' && access.isToken(url.searchParams.get('token'))) {
    // The token leaves the address bar, the history and what is sent as Referer.
    response.setHeader('set-cookie', access.setCookie);
    response.setHeader('location', '/');
    response.statusCode = 303;
    response.end();
    return;
  }
  const stranger = access.refusalOfPerson(request);
  if (stranger !== undefined) return sendText(response, stranger.status, stranger.text);
  await route(served, url.pathname, request, response).catch(() => response.destroy());
}

async function route(served: Served, path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const isPost = request.method === 'POST';
  if (!isPost && request.method !== 'GET') return sendText(response, 405, 'GET or POST.');
  const routes = isPost ? posts : gets;
  if (!Object.hasOwn(routes, path)) return sendText(response, 404, 'There is no such page.');
  const refused = isPost ? served.access.refusalOfPost(request) : undefined;
  if (refused !== undefined) return sendText(response, refused.status, refused.text);
  await routes[path]?.(served, response, request);
}

const guards: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
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
