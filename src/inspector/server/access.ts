import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type NameTerms, ServerNames } from './server-names.js';
import { type Session, Sessions } from './sessions.js';

/** Why a request is refused, with its HTTP status. */
export interface Refusal {
  readonly status: 401 | 403 | 421 | 429 | 503;
  readonly text: string;
}

/** Most wrong tokens in one window. */
const MOST_WRONG = 20;
/** The window, in ms. */
const WINDOW_MS = 60_000;

/** What an inspector accepts. */
export interface AccessTerms extends NameTerms {
  /** Permits to watch and, if the inspector offers them, actions. */
  readonly token: string;
  /** Permits to watch. */
  readonly readOnlyToken: string;
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
  /** The CSRF token of programs that send the token themselves. */
  readonly #csrf = randomBytes(18).toString('base64url');
  #wrong = 0;
  #windowEnds = 0;
  readonly names: ServerNames;
  readonly sessions = new Sessions();

  constructor(terms: AccessTerms) {
    this.#terms = terms;
    this.names = new ServerNames(terms);
    // All ports of a host share their cookies. The port in the name separates two inspectors.
    this.#cookie = `choragus-${terms.port}`;
  }

  /** Starts a session for a right token. Returns the value of `Set-Cookie`: a random id, never the token. */
  open(token: string, request: IncomingMessage): string | undefined {
    const right = this.#rightOf(token);
    if (right === undefined) return undefined;
    // A cookie goes to every port of a host. With `Secure`, not to one that can be overheard.
    const secure = this.names.cameOverTls(request) ? '; Secure' : '';
    return `${this.#cookie}=${this.sessions.start(right.mayAct)}; HttpOnly; SameSite=Strict; Path=/${secure}`;
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

  /** Returns a refusal if `Host` does not name this server. */
  refusalOfHost(request: IncomingMessage): Refusal | undefined {
    if (this.names.isNamed(request)) return undefined;
    return { status: 421, text: 'The Host header does not name this inspector: open the URL that it printed.' };
  }

  /** Returns a refusal if `Host` or `Origin` does not name this server. */
  refusalOfName(request: IncomingMessage): Refusal | undefined {
    const refused = this.refusalOfHost(request);
    if (refused !== undefined) return refused;
    const { origin } = request.headers;
    if (origin === undefined || this.names.isOwnOrigin(origin, request)) return undefined;
    return { status: 403, text: 'A page of another origin sent this request: it is refused.' };
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
