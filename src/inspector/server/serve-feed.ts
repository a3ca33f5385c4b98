import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import * as v from 'valibot';
import { wholeNumber } from '../../checks/index.js';
import type { Feed } from '../feed/feed.js';
import { Access, authorityOf } from './access.js';
import { sendText } from './respond.js';
import { gets, posts, type RouteContext } from './routes.js';
import { Watchers } from './watchers.js';

const MOST_CONNECTIONS = 256;
/** How often it is looked whether somebody takes too long to ask. */
const CHECK_MS = 2_000;

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
  const server = createServer({ connectionsCheckingInterval: CHECK_MS });
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  server.maxConnections = MOST_CONNECTIONS;
  const bound = await listen(server, host, port);
  const access = new Access(token, host, bound);
  const watchers = new Watchers(feed);
  const context: RouteContext = { feed, watchers, access };
  server.on('connection', (socket) => socket.unref());
  server.on('request', (request, response) => {
    // What goes wrong here must end with the request, and not with the service that is watched.
    handle(context, request, response).catch(() => response.destroy());
  });
  server.on('upgrade', (request, socket, head) => {
    // From here on nobody else listens for its errors: one who leaves early would end the process.
    socket.on('error', () => {});
    if (onUpgrade === undefined || targetOf(request) === undefined) socket.destroy();
    else onUpgrade(request, socket, head, access);
  });
  return {
    url: `http://${authorityOf(reachable(host), bound)}/?token=${token}`,
    port: bound,
    close: () => close(server, watchers),
  };
}

async function handle(context: RouteContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  setGuards(response);
  const { access } = context;
  const refused = access.refusalOfName(request);
  if (refused !== undefined) return sendText(response, refused.status, refused.text);
  const url = targetOf(request);
  if (url === undefined) return sendText(response, 400, 'What was asked for is no address.');
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
  await route(context, url.pathname, request, response);
}

async function route(
  context: RouteContext,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const takes = Object.hasOwn(gets, path) ? 'GET' : Object.hasOwn(posts, path) ? 'POST' : undefined;
  if (takes === undefined) return sendText(response, 404, 'There is no such page.');
  if (request.method !== takes) {
    response.setHeader('allow', takes);
    return sendText(response, 405, `${path} takes ${takes}.`);
  }
  const isPost = takes === 'POST';
  const refused = isPost ? context.access.refusalOfPost(request) : undefined;
  if (refused !== undefined) return sendText(response, refused.status, refused.text);
  await (isPost ? posts : gets)[path]?.(context, response, request);
}

/** What is asked for; `undefined` where it is no address, such as `//`: anybody can send that. */
function targetOf({ url = '/' }: IncomingMessage): URL | undefined {
  return URL.canParse(url, 'http://inspector') ? new URL(url, 'http://inspector') : undefined;
}

/** An address that means "all of them" leads nowhere in a browser. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
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
      // A failed accept concerns one who is gone already: the server goes on.
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

/** The options that every inspector has: where it listens, and what a watcher must know. */
export const listenOptions = {
  port: v.optional(wholeNumber(0, 65_535), 0),
  host: v.optional(v.message(v.pipe(v.string(), v.minLength(1)), 'an address or a name'), '127.0.0.1'),
  token: v.optional(
    v.message(v.pipe(v.string(), v.minLength(16), v.regex(/^[\w.~-]+$/)), 'at least 16 letters, digits and _ . ~ -'),
    () => randomBytes(24).toString('base64url'),
  ),
};
