import type net from 'node:net';
import * as v from 'valibot';
import { check, checkFunction, isPlainObject, listenOptions, optionsOf } from '../checks/index.js';
import { ChoragusError, wrongArgument } from '../errors/index.js';
import { listen } from '../server/listen.js';
import type { SocketListenOptions } from '../server/listen-options.js';
import type { Listener } from '../server/socket-register.js';
import { Inbox } from './inbox.js';
import type { ScriptedRequest } from './scripted-connection.js';
import { ScriptedConnection } from './scripted-connection.js';

/** Answers requests, so that the test need not. */
export type RequestScript = (request: ScriptedRequest, ci: ScriptedCi) => void;

/** Describes what a scripted CI does without the test: on requests, and on connections. */
export type Script =
  | RequestScript
  | {
      onConnection?(connection: ScriptedConnection, ci: ScriptedCi): void;
      onRequest?: RequestScript;
    };

/** Configures {@link scriptedCi}. */
export interface ScriptedCiOptions {
  /** The CI's `ai_id` on the wire. Default: `scripted`. */
  readonly id?: string | undefined;
  /** Where to listen. Default: a free port of 127.0.0.1. */
  readonly listen?: SocketListenOptions | undefined;
  /** What the CI does without the test, for example one of the `faults`. Default: nothing. */
  readonly script?: Script | undefined;
  /**
   * How the CI handles the pool's probes. A pool uses probes to check the order of answers without ids: `ping`, `health`
   * or `info` without any other field. `answered`: the CI answers them itself, after the requests before them, and does
   * not list them among the requests. `scripted`: they are ordinary requests. Default: `answered`.
   */
  readonly probes?: 'answered' | 'scripted' | undefined;
}

/** Gives a test control over a running scripted CI. */
export class ScriptedCi implements AsyncDisposable {
  /** The CI's `ai_id` on the wire. */
  readonly id: string;
  /** All connections so far, open and closed, in the order of their arrival. */
  readonly connections: ScriptedConnection[] = [];
  /** All requests so far, in the order of their arrival. */
  readonly received: ScriptedRequest[] = [];
  readonly #probes: 'answered' | 'scripted';
  readonly #newConnections = new Inbox<ScriptedConnection>();
  readonly #newRequests = new Inbox<ScriptedRequest>();
  #script: Exclude<Script, RequestScript>;
  #listener: Listener | undefined;

  /** @internal */
  constructor(id: string, script: Script, probes: 'answered' | 'scripted') {
    this.id = id;
    this.#probes = probes;
    this.#script = typeof script === 'function' ? { onRequest: script } : script;
  }

  /**
   * Starts listening.
   *
   * @internal
   */
  async listen(options: SocketListenOptions): Promise<void> {
    this.#listener = await listen(options, (socket) => this.#accept(socket));
  }

  /** The address for a pool. */
  get url(): string {
    return this.#listening.url;
  }

  /** The port; 0 for a unix socket. */
  get port(): number {
    return this.#listening.port;
  }

  /** Returns the next connection that no call has returned yet. Rejects once the CI is closed. */
  nextConnection(): Promise<ScriptedConnection> {
    return this.#newConnections.next();
  }

  /** Returns the next request, over all connections, that no call has returned yet. Rejects once the CI is closed. */
  nextRequest(): Promise<ScriptedRequest> {
    return this.#newRequests.next();
  }

  /**
   * Answers requests with this script from now on.
   *
   * @throws ChoragusError `invalid_config` if `script` is not a function.
   */
  onRequest(script: RequestScript): void {
    checkFunction('onRequest', 'script', script);
    this.#script = { ...this.#script, onRequest: script };
  }

  /** Settles once no socket is open. */
  closed(): Promise<void> {
    return this.#listening.whenEmpty();
  }

  /** Stops listening, destroys all sockets and waits until none is open. */
  async close(): Promise<void> {
    await this.#listening.close();
    const error = new Error('the scripted CI was closed');
    this.#newConnections.close(error);
    this.#newRequests.close(error);
  }

  /** Closes the CI. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #listening(): Listener {
    if (this.#listener === undefined) throw new Error('the CI is not listening yet: create it with scriptedCi()');
    return this.#listener;
  }

  #accept(socket: net.Socket): void {
    const connection = new ScriptedConnection(socket, this.id, this.#probes, (request) => this.#take(request));
    this.connections.push(connection);
    this.#newConnections.put(connection);
    this.#script.onConnection?.(connection, this);
  }

  #take(request: ScriptedRequest): void {
    this.received.push(request);
    this.#newRequests.put(request);
    this.#script.onRequest?.(request, this);
  }
}

const of = 'scriptedCi';
const schema = optionsOf({
  id: v.optional(v.message(v.pipe(v.string(), v.minLength(1)), 'a string that is not empty'), 'scripted'),
  listen: v.optional(optionsOf(listenOptions, 'where to listen') as v.GenericSchema<unknown, SocketListenOptions>, {}),
  // Checked below: its methods may be those of a class.
  script: v.optional(v.unknown(), {}),
  probes: v.optional(v.picklist(['answered', 'scripted'], 'answered or scripted'), 'answered'),
});

/**
 * Starts a CI on a real socket. The test controls it step by step (`nextRequest`), by a script, or both.
 *
 * @throws ChoragusError `invalid_config` for a bad option, `unavailable` if the system refuses to listen on the address.
 *
 * @example
 * Step by step.
 * ```ts
 * await using ci = await scriptedCi();
 * const answer = firstValueFrom(pool.ask('apollo', 'hello'));
 * const request = await ci.nextRequest();
 * request.reply('hello yourself');
 * ```
 *
 * @example
 * By a script.
 * ```ts
 * await using ci = await scriptedCi({ script: faults.resets() });
 * ```
 */
export async function scriptedCi(options: ScriptedCiOptions = {}): Promise<ScriptedCi> {
  const { id, script, listen: where, probes } = check(schema, options, { of, secrets: ['tls'] });
  const ci = new ScriptedCi(id, readScript(script), probes);
  await ci.listen(where);
  return ci;
}

/**
 * Checks a script. Does not copy it: its methods may use other fields of the object.
 *
 * @throws ChoragusError `invalid_config`.
 */
function readScript(script: unknown): Script {
  if (typeof script === 'function') return script as Script;
  try {
    if (isPartly(script)) return script;
  } catch (error) {
    if (error instanceof ChoragusError) throw error;
    // A getter or a JavaScript Proxy threw: refused below.
  }
  throw wrongArgument(of, 'script', script, 'a function, or an object with onConnection() or onRequest()');
}

function isPartly(script: unknown): script is Exclude<Script, () => void> {
  if (typeof script !== 'object' || script === null) return false;
  const { onConnection, onRequest } = script as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries({ onConnection, onRequest })) {
    if (value !== undefined && typeof value !== 'function') {
      throw wrongArgument(of, `script.${name}`, value, 'a function');
    }
  }
  return (onConnection ?? onRequest) !== undefined || (isPlainObject(script) && Object.keys(script).length === 0);
}
