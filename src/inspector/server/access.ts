import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isAllowed } from './allowed-hosts.js';
import { type Session, Sessions } from './sessions.js';

/** Why a request is refused, with its HTTP status. */
export interface Refusal {
  readonly status: 401 | 403 | 421 | 429;
  readonly text: string;
}

/** Names of the loopback address. */
const LOCAL = ['localhost', '127.0.0.1', '::1'];
/** Wildcard addresses. */
const ALL = ['0.0.0.0', '::'];
const HTTP_PORT = 80;
/** Most wrong tokens in one window. */
const MOST_WRONG = 20;
/** The window, in ms. */
const WINDOW_MS = 60_000;

/** What an inspector accepts. */
export interface AccessTerms {
  /** Permits to watch and, if the inspector offers them, actions. */
  readonly token: string;
  /** Permits to watch. */
  readonly readOnlyToken: string;
  /** The address that the server listens on. */
  readonly host: string;
  readonly port: number;
  /** Further names for `Host` and `Origin`. */
  readonly allowedHosts: readonly string[];
}

/** Who sent a request. */
export interface Person {
  readonly mayAct: boolean;
  readonly csrf: string;
  /** Absent for a program that sends the token itself. */
  readonly session?: Session;
}

const NO_SESSION: Refusal = {
  status: 401,
  text: 'no session: the token is missing or wrong. Open the URL that the inspector printed.',
};

/**
 * Checks requests: they must carry the token or a session, and their `Host` must name this server.
 *
 * The name matters because a page of the internet can make its own name resolve to 127.0.0.1 (DNS rebinding). Such a request carries that
 * name as its `Host`, and the page's origin as its `Origin`.
 */
export class Access {
  readonly #terms: AccessTerms;
  readonly #cookie: string;
  readonly #hosts: ReadonlySet<string>;
  readonly #listensOnAll: boolean;
  /** The CSRF token of programs that send the token themselves. */
  readonly #csrf = randomBytes(18).toString('base64url');
  #wrong = 0;
  #windowEnds = 0;
  readonly sessions = new Sessions();

  constructor(terms: AccessTerms) {
    const { host, port } = terms;
    this.#terms = terms;
    // All ports of a host share their cookies. The port in the name separates two inspectors.
    this.#cookie = `choragus-${port}`;
    this.#hosts = new Set([...LOCAL, host].map((name) => authorityOf(name, port)));
    this.#listensOnAll = ALL.includes(host);
  }

  /** Starts a session for a right token. Returns the value of `Set-Cookie`: a random id, never the token. */
  open(token: string): string | undefined {
    const right = this.#rightOf(token);
    if (right === undefined) return undefined;
    return `${this.#cookie}=${this.sessions.start(right.mayAct)}; HttpOnly; SameSite=Strict; Path=/`;
  }

  isToken(given: string | null | undefined): boolean {
    return this.#rightOf(given) !== undefined;
  }

  #rightOf(given: string | null | undefined): { readonly mayAct: boolean } | undefined {
    if (typeof given !== 'string') return undefined;
    if (isSame(given, this.#terms.token)) return { mayAct: true };
    return isSame(given, this.#terms.readOnlyToken) ? { mayAct: false } : undefined;
  }

  /** Returns who sent the request; `undefined` without a right token or a session. */
  personOf(request: IncomingMessage): Person | undefined {
    const right = this.#rightOf(bearerOf(request));
    if (right !== undefined) return { ...right, csrf: this.#csrf };
    for (const id of cookiesOf(request, this.#cookie)) {
      const session = this.sessions.find(id);
      if (session !== undefined) return { mayAct: session.mayAct, csrf: session.csrf, session };
    }
    return undefined;
  }

  isCsrf(given: unknown, { csrf }: Person): boolean {
    return typeof given === 'string' && isSame(given, csrf);
  }

  /**
   * Counts a wrong token. A right one is never refused: otherwise each page of the internet could lock the owner out with wrong ones.
   */
  refusalOfToken(now: number = performance.now()): Refusal {
    if (now >= this.#windowEnds) {
      this.#wrong = 0;
      this.#windowEnds = now + WINDOW_MS;
    }
    this.#wrong += 1;
    if (this.#wrong > MOST_WRONG) return { status: 429, text: 'Too many wrong tokens: wait for a minute.' };
    return NO_SESSION;
  }

  /** Returns a refusal if `Host` or `Origin` does not name this server. */
  refusalOfName(request: IncomingMessage): Refusal | undefined {
    const { host = '', origin } = request.headers;
    if (!this.#isOwn(host, request) && !isAllowed(this.#terms.allowedHosts, host)) {
      return { status: 421, text: 'The Host header does not name this inspector: open the URL that it printed.' };
    }
    if (origin !== undefined && !this.#isOwnOrigin(origin, request)) {
      return { status: 403, text: 'A page of another origin sent this request: it is refused.' };
    }
    return undefined;
  }

  /** Returns the refusal of a request without a session or token. */
  refusalOfStranger(request: IncomingMessage): Refusal {
    return bearerOf(request) === undefined ? NO_SESSION : this.refusalOfToken();
  }

  /** Returns a refusal for a POST that a foreign form or page can send with the browser's cookie. */
  refusalOfPost(request: IncomingMessage): Refusal | undefined {
    if (this.isToken(bearerOf(request)) || request.headers.origin !== undefined) return undefined;
    return { status: 403, text: 'A POST needs an Origin, or the token as "Authorization: Bearer".' };
  }

  #isOwnOrigin(origin: string, request: IncomingMessage): boolean {
    const [, scheme, authority = ''] = /^(https?):\/\/(.+)$/.exec(origin) ?? [];
    if (scheme === undefined) return false;
    // A proxy in front of an allowed host may end TLS.
    if (isAllowed(this.#terms.allowedHosts, authority, scheme as 'http' | 'https')) return true;
    return scheme === 'http' && this.#isOwn(authority, request);
  }

  /**
   * Returns true if a host and port name this server. On a wildcard address, the local address of the socket is accepted, too. A foreign
   * host name that resolves to it is not.
   */
  #isOwn(given: string, { socket }: IncomingMessage): boolean {
    const name = given.toLowerCase();
    if (this.#hosts.has(name)) return true;
    const address = socket.localAddress?.replace(/^::ffff:/, '');
    return this.#listensOnAll && address !== undefined && name === authorityOf(address, this.#terms.port);
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

/** `timingSafeEqual` needs equal lengths: digests have one length. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digestOf(one), digestOf(other));
}

function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
}

function cookiesOf({ headers }: IncomingMessage, name: string): readonly string[] {
  const pairs = (headers.cookie ?? '').split(/; */);
  return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
}
