import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is refused, with the HTTP status that says so. */
export interface Refusal {
  readonly status: 401 | 403 | 421;
  readonly text: string;
}

/** Names of this machine to itself. */
const LOCAL = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Who may come in: whoever knows the token, and asks by a name of our own address.
 *
 * The name matters since a page of the internet can have its own name resolve to 127.0.0.1 (DNS rebinding): such a request carries that
 * name as its `Host`, and its page's as its `Origin`.
 */
export class Access {
  readonly #token: string;
  readonly #cookie: string;
  readonly #hosts: ReadonlySet<string>;
  /** Carried by each request that changes something, besides the cookie. */
  readonly csrf = randomBytes(18).toString('base64url');

  constructor(token: string, host: string, port: number) {
    this.#token = token;
    // Cookies are shared between the ports of a host: two inspectors must not take each other's.
    this.#cookie = `choragus-${port}`;
    const own = host.includes(':') ? `[${host}]` : host;
    this.#hosts = new Set([...LOCAL, own].map((name) => `${name}:${port}`));
  }

  /** What sets the cookie that stands for the token from now on. */
  get setCookie(): string {
    return `${this.#cookie}=${this.#token}; HttpOnly; SameSite=Strict; Path=/`;
  }

  isToken(given: string | null | undefined): boolean {
    // Digests have one length whatever was given, and are compared in constant time.
    return typeof given === 'string' && timingSafeEqual(digestOf(given), digestOf(this.#token));
  }

  isCsrf(given: unknown): boolean {
    return typeof given === 'string' && timingSafeEqual(digestOf(given), digestOf(this.csrf));
  }

  /** Whether the request asks for us, and for no other name that leads here. */
  refusalOfName({ headers }: IncomingMessage): Refusal | undefined {
    if (!this.#hosts.has(String(headers.host).toLowerCase())) {
      return { status: 421, text: 'This is not a name of this inspector. Use the URL that it printed.' };
    }
    if (headers.origin !== undefined && !this.#isOwnOrigin(headers.origin)) {
      return { status: 403, text: 'Pages of other origins may not ask.' };
    }
    return undefined;
  }

  /** Whether whoever asks knows the token. */
  refusalOfPerson(request: IncomingMessage): Refusal | undefined {
    if (this.isToken(bearerOf(request)) || this.isToken(cookieOf(request, this.#cookie))) return undefined;
    return { status: 401, text: 'Open the URL that the inspector printed: it holds a token.' };
  }

  /** Whether it may change something: not a form or a page of somebody else, in a browser that holds our cookie. */
  refusalOfPost(request: IncomingMessage): Refusal | undefined {
    if (this.isToken(bearerOf(request)) || request.headers.origin !== undefined) return undefined;
    return { status: 403, text: 'A POST needs an Origin, or the token as "Authorization: Bearer".' };
  }

  #isOwnOrigin(origin: string): boolean {
    return [...this.#hosts].some((host) => origin === `http://${host}`);
  }
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
