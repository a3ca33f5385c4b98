import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is refused, with its HTTP status. */
export interface Refusal {
  readonly status: 401 | 403 | 421;
  readonly text: string;
}

/** Names of the loopback address. */
const LOCAL = ['localhost', '127.0.0.1', '::1'];
/** Wildcard addresses. */
const ALL = ['0.0.0.0', '::'];
const HTTP_PORT = 80;

/**
 * Checks requests: they must carry the token, and their `Host` must name this server.
 *
 * The name matters because a page of the internet can make its own name resolve to 127.0.0.1 (DNS rebinding). Such a request carries that
 * name as its `Host`, and the page's origin as its `Origin`.
 */
export class Access {
  readonly #token: string;
  readonly #cookie: string;
  readonly #port: number;
  readonly #hosts: ReadonlySet<string>;
  readonly #listensOnAll: boolean;
  /** The CSRF token: each request that changes something must carry it, besides the cookie. */
  readonly csrf = randomBytes(18).toString('base64url');

  constructor(token: string, host: string, port: number) {
    this.#token = token;
    // All ports of a host share their cookies. The port in the name separates two inspectors.
    this.#cookie = `choragus-${port}`;
    this.#port = port;
    this.#hosts = new Set([...LOCAL, host].map((name) => authorityOf(name, port)));
    this.#listensOnAll = ALL.includes(host);
  }

  /** The value of `Set-Cookie`: later requests carry the token as a cookie. */
  get setCookie(): string {
    return `${this.#cookie}=${this.#token}; HttpOnly; SameSite=Strict; Path=/`;
  }

  isToken(given: string | null | undefined): boolean {
    // `timingSafeEqual` needs equal lengths: digests have one length.
    return typeof given === 'string' && timingSafeEqual(digestOf(given), digestOf(this.#token));
  }

  isCsrf(given: unknown): boolean {
    return typeof given === 'string' && timingSafeEqual(digestOf(given), digestOf(this.csrf));
  }

  /** Returns a refusal if `Host` or `Origin` does not name this server. */
  refusalOfName(request: IncomingMessage): Refusal | undefined {
    const { host = '', origin } = request.headers;
    if (!this.#isOwn(host, request)) {
      return { status: 421, text: 'The Host header does not name this inspector: open the URL that it printed.' };
    }
    if (origin !== undefined && !this.#isOwnOrigin(origin, request)) {
      return { status: 403, text: 'A page of another origin sent this request: it is refused.' };
    }
    return undefined;
  }

  /** Returns a refusal if the request carries no valid token. */
  refusalOfPerson(request: IncomingMessage): Refusal | undefined {
    if (this.isToken(bearerOf(request)) || this.isToken(cookieOf(request, this.#cookie))) return undefined;
    return { status: 401, text: 'The token is missing or wrong: open the URL that the inspector printed.' };
  }

  /** Returns a refusal for a POST that a foreign form or page can send with the browser's cookie. */
  refusalOfPost(request: IncomingMessage): Refusal | undefined {
    if (this.isToken(bearerOf(request)) || request.headers.origin !== undefined) return undefined;
    return { status: 403, text: 'A POST needs an Origin, or the token as "Authorization: Bearer".' };
  }

  #isOwnOrigin(origin: string, request: IncomingMessage): boolean {
    return origin.startsWith('http://') && this.#isOwn(origin.slice('http://'.length), request);
  }

  /**
   * Returns true if a host and port name this server. On a wildcard address, the local address of the socket is accepted, too. A foreign
   * host name that resolves to it is not.
   */
  #isOwn(given: string, { socket }: IncomingMessage): boolean {
    const name = given.toLowerCase();
    if (this.#hosts.has(name)) return true;
    const address = socket.localAddress?.replace(/^::ffff:/, '');
    return this.#listensOnAll && address !== undefined && name === authorityOf(address, this.#port);
  }
}

/** Returns host and port as browsers write them in `Host` and `Origin`: without the default port. */
export function authorityOf(host: string, port: number): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === HTTP_PORT ? name.toLowerCase() : `${name.toLowerCase()}:${port}`;
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
}

function cookieOf({ headers }: IncomingMessage, name: string): string | undefined {
  for (const pair of (headers.cookie ?? '').split('; ')) {
    if (pair.startsWith(`${name}=`)) return pair.slice(name.length + 1);
  }
  return undefined;
}
