import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is refused, with the HTTP status that says so. */
export interface Refusal {
  readonly status: 401 | 403 | 421;
  readonly text: string;
}

/** Names of this machine to itself. */
const LOCAL = ['localhost', '127.0.0.1', '::1'];
/** Not an address, but all of them. */
const ALL = ['0.0.0.0', '::'];
const HTTP_PORT = 80;

/**
 * Who may come in: whoever knows the token, and asks by a name of our own address.
 *
 * The name matters since a page of the internet can have its own name resolve to 127.0.0.1 (DNS rebinding): such a request carries that
 * name as its `Host`, and its page's as its `Origin`.
 */
export class Access {
  readonly #token: string;
  readonly #cookie: string;
  readonly #port: number;
  readonly #hosts: ReadonlySet<string>;
  readonly #listensOnAll: boolean;
  /** Carried by each request that changes something, besides the cookie. */
  readonly csrf = randomBytes(18).toString('base64url');

  constructor(token: string, host: string, port: number) {
    this.#token = token;
    // Cookies are shared between the ports of a host: two inspectors must not take each other's.
    this.#cookie = `choragus-${port}`;
    this.#port = port;
    this.#hosts = new Set([...LOCAL, host].map((name) => authorityOf(name, port)));
    this.#listensOnAll = ALL.includes(host);
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
  refusalOfName(request: IncomingMessage): Refusal | undefined {
    const { host = '', origin } = request.headers;
    if (!this.#isOwn(host, request)) {
      return { status: 421, text: 'This is not a name of this inspector. Use the URL that it printed.' };
    }
    if (origin !== undefined && !this.#isOwnOrigin(origin, request)) {
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

  #isOwnOrigin(origin: string, request: IncomingMessage): boolean {
    return origin.startsWith('http://') && this.#isOwn(origin.slice('http://'.length), request);
  }

  /**
   * Whether this names us. Where all addresses are listened on, the one that was asked is ours as well; a name that was made to
   * lead to it is still none.
   */
  #isOwn(given: string, { socket }: IncomingMessage): boolean {
    const name = given.toLowerCase();
    if (this.#hosts.has(name)) return true;
    const address = socket.localAddress?.replace(/^::ffff:/, '');
    return this.#listensOnAll && address !== undefined && name === authorityOf(address, this.#port);
  }
}

/** As browsers write it in `Host` and `Origin`: without the port that goes without saying. */
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
