import type { Call } from './call.js';
import type { Fault } from './refusal.js';

/** One path of the gateway. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Such as `/v1/models/:model`: a part that begins with a colon stands for any text without a slash. */
  readonly path: string;
  /** If true, the route needs no key. Default: false. */
  readonly isOpen?: boolean;
  /** If true, a body of JSON may come as `application/x-www-form-urlencoded`, which is curl's default. Default: false. */
  readonly takesForm?: boolean;
  /** Answers a request, or throws: then the client gets the dialect's form of the failure. */
  answer(call: Call): Promise<void> | void;
}

/** One protocol that the gateway speaks: its paths, and its form of a failure. */
export interface Dialect {
  readonly name: string;
  /** Returns its paths. Called once for each gateway, so that what they remember is one gateway's. */
  routes(): readonly Route[];
  /** Returns the body of a failed request. */
  failure(fault: Fault): object;
}
