import type { IncomingMessage } from 'node:http';
import { isAllowed } from './allowed-hosts.js';

/** Names of the loopback address. */
const LOCAL = ['localhost', '127.0.0.1', '::1'];
/** Wildcard addresses. */
const ALL = ['0.0.0.0', '::'];
const HTTP_PORT = 80;

/** The address of a server, and its further names. */
export interface NameTerms {
  /** The address that the server listens on. */
  readonly host: string;
  readonly port: number;
  /** Further names for `Host` and `Origin`. */
  readonly allowedHosts: readonly string[];
}

/** Decides which `Host` and `Origin` headers name this server. */
export class ServerNames {
  readonly #terms: NameTerms;
  readonly #own: ReadonlySet<string>;
  readonly #listensOnAll: boolean;

  constructor(terms: NameTerms) {
    const { host, port } = terms;
    this.#terms = terms;
    this.#own = new Set([...LOCAL, host].map((name) => authorityOf(name, port)));
    this.#listensOnAll = ALL.includes(host);
  }

  /** Returns true if `Host` is one of the server's own names, or an allowed one. */
  isNamed(request: IncomingMessage): boolean {
    return this.isNamedDirectly(request) || isAllowed(this.#terms.allowedHosts, hostOf(request));
  }

  /** Returns true if `Host` is one of the server's own names: no proxy and no forwarded port is in between, or it hides itself. */
  isNamedDirectly(request: IncomingMessage): boolean {
    return this.#isOwn(hostOf(request), request);
  }

  /** Returns true if the origin is a page of this server. */
  isOwnOrigin(origin: string, request: IncomingMessage): boolean {
    const [, scheme, authority = ''] = /^(https?):\/\/(.+)$/.exec(origin) ?? [];
    if (scheme === undefined) return false;
    // A proxy in front of an allowed host may end TLS.
    if (isAllowed(this.#terms.allowedHosts, authority, scheme as 'http' | 'https')) return true;
    return scheme === 'http' && this.#isOwn(authority, request);
  }

  /**
   * Returns true if a browser sent the request over TLS to an allowed host. The server itself speaks plain HTTP, so only a proxy can say so.
   */
  cameOverTls(request: IncomingMessage): boolean {
    if (this.isNamedDirectly(request)) return false;
    const { origin, 'x-forwarded-proto': forwarded } = request.headers;
    // Of several proxies, the first one talked to the browser.
    return origin?.startsWith('https:') === true || /^https\b/i.test(String(forwarded));
  }

  /**
   * Returns true if a host and port name this server. On a wildcard address, the local address of the socket is accepted, too. A foreign
   * host name that resolves to it is not.
   */
  #isOwn(given: string, { socket }: IncomingMessage): boolean {
    const name = given.toLowerCase();
    if (this.#own.has(name)) return true;
    const address = plain(socket.localAddress);
    return this.#listensOnAll && address !== undefined && name === authorityOf(address, this.#terms.port);
  }
}

/** Returns host and port as browsers write them in `Host` and `Origin`: without the default port. */
export function authorityOf(host: string, port: number): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === HTTP_PORT ? name.toLowerCase() : `${name.toLowerCase()}:${port}`;
}

/** Returns true if the other end of the socket is on this machine. */
export function isFromThisMachine({ socket }: IncomingMessage): boolean {
  const from = plain(socket.remoteAddress);
  if (from === undefined) return false;
  return from === '::1' || from.startsWith('127.') || from === plain(socket.localAddress);
}

function hostOf({ headers }: IncomingMessage): string {
  return headers.host ?? '';
}

/** Writes an IPv4 address without its IPv6 form. */
function plain(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:/, '');
}
