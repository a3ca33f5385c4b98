import { NEVER, type Observable, of, throwError } from 'rxjs';
import type {
  BroadcastOptions,
  Chunk,
  CiOptions,
  DrainReport,
  Message,
  Metrics,
  Outcome,
  Pool,
  PoolOptions,
  PoolSnapshot,
  Reply,
  RequestOptions,
  StreamOptions,
  WireMessage,
} from '../../../src/contract/index.js';
import { ChoragusError } from '../../../src/errors/index.js';

/** A reply in the pool's form. */
export function replyFrom(ci: string, changes: Partial<Reply> = {}): Reply {
  return {
    ci,
    content: `${ci} says hello`,
    type: 'chat_response',
    raw: { type: 'chat_response', ai_id: `${ci}-ai` },
    reused: true,
    timings: { queuedMs: 0, connectMs: 0, serviceMs: 1, totalMs: 1 },
    ...changes,
  };
}

/** One call of the pool. */
export interface Call {
  readonly method: 'ask' | 'request' | 'stream' | 'broadcast';
  readonly ci: string;
  readonly message: Message | WireMessage;
  readonly options: (StreamOptions & BroadcastOptions) | undefined;
}

/** The scripted answers; a missing one succeeds. */
export interface Script {
  readonly ask?: (ci: string) => Observable<Reply>;
  readonly request?: (ci: string) => Observable<Reply>;
  readonly stream?: (ci: string) => Observable<Chunk>;
  readonly broadcast?: (to: readonly string[]) => Observable<Outcome>;
}

/** A pool that opens nothing, answers from a script and records its calls. */
export class FakePool implements Pool {
  readonly calls: Call[] = [];
  readonly removed: string[] = [];
  readonly closes: ({ readonly drainTimeoutMs?: number | undefined } | undefined)[] = [];
  readonly states$ = NEVER;
  state: PoolSnapshot['state'] = 'running';
  snapshots = 0;
  readonly #urls = new Map<string, string>();
  readonly #script: Script;

  constructor(script: Script = {}, cis: PoolOptions['cis'] = {}) {
    this.#script = script;
    for (const [ci, options] of Object.entries(cis)) this.add(ci, options);
  }

  get cis(): readonly string[] {
    return [...this.#urls.keys()];
  }

  ask(ci: string, message: Message, options?: RequestOptions): Observable<Reply> {
    this.calls.push({ method: 'ask', ci, message, options });
    return this.#script.ask?.(ci) ?? of(replyFrom(ci));
  }

  request(ci: string, message: WireMessage, options?: RequestOptions): Observable<Reply> {
    this.calls.push({ method: 'request', ci, message, options });
    return this.#script.request?.(ci) ?? of(replyFrom(ci, { type: 'pong', content: '' }));
  }

  stream(ci: string, message: Message, options?: StreamOptions): Observable<Chunk> {
    this.calls.push({ method: 'stream', ci, message, options });
    return this.#script.stream?.(ci) ?? of(chunkFrom(ci, 0, 'hel'), chunkFrom(ci, 1, 'lo'));
  }

  broadcast(message: Message, options: BroadcastOptions = {}): Observable<Outcome> {
    const to = options.to ?? this.cis;
    this.calls.push({ method: 'broadcast', ci: to.join(' '), message, options });
    return this.#script.broadcast?.(to) ?? of(...to.map((ci): Outcome => ({ ci, ok: true, reply: replyFrom(ci) })));
  }

  warm(): Promise<never> {
    throw new Error('not used');
  }

  add(ci: string, options: string | CiOptions): void {
    if (this.state !== 'running') throw new ChoragusError('closed', 'the pool is closed', { delivery: 'not_sent' });
    if (this.#urls.has(ci)) throw new ChoragusError('invalid_config', `${ci} is taken`, { delivery: 'not_sent' });
    this.#urls.set(ci, typeof options === 'string' ? options : options.url);
  }

  remove(ci: string): Promise<DrainReport> {
    this.removed.push(ci);
    this.#urls.delete(ci);
    return Promise.resolve(nothingDrained);
  }

  snapshot(): PoolSnapshot {
    this.snapshots += 1;
    const cis = Object.fromEntries([...this.#urls].map(([ci, url]) => [ci, { ...idle, ci, url }]));
    const totals = { cis: 0, connections: 0, inFlight: 0, waiting: 0, states: noStates, metrics: noMetrics };
    return { state: this.state, at: 0, cis, totals };
  }

  close(options?: { readonly drainTimeoutMs?: number | undefined }): Promise<DrainReport> {
    this.closes.push(options);
    this.state = 'closed';
    this.#urls.clear();
    return Promise.resolve(nothingDrained);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** A script in which every kind of request fails in the same way. */
export function failing(error: ChoragusError): Script {
  return {
    ask: () => throwError(() => error),
    request: () => throwError(() => error),
    stream: () => throwError(() => error),
    broadcast: (to) => of(...to.map((ci): Outcome => ({ ci, ok: false, error }))),
  };
}

const chunkFrom = (ci: string, index: number, content: string): Chunk => ({ ci, index, kind: 'text', content });

const nothingDrained: DrainReport = { finished: 0, cut: 0, durationMs: 0, cis: {} };
const none = { count: 0, p50: 0, p90: 0, p99: 0, max: 0 };
const noConnections = { idle: 0, connecting: 0, healthy: 0, degraded: 0, retiring: 0, reconnecting: 0, closed: 0 };
const noStates = { ...noConnections, quarantined: 0 };
const noMetrics: Metrics = {
  connects: 0,
  requests: 0,
  reuses: 0,
  reuseRatio: 0,
  orderViolations: 0,
  requestsPerConnection: 0,
  connectMsSaved: 0,
  succeeded: 0,
  cancelled: 0,
  failed: {},
  timeouts: {},
  chunks: 0,
  lateReplies: 0,
  duplicates: 0,
  unsolicited: 0,
  reconnects: {},
  retired: 0,
  idleCloses: 0,
  queueMs: none,
  connectMs: none,
  serviceMs: none,
  stateMs: noConnections,
};
const idle = {
  state: 'idle',
  since: 0,
  attempt: 0,
  lastError: undefined,
  inFlight: 0,
  waiting: 0,
  ordering: 'unknown',
  connections: [],
  metrics: noMetrics,
} as const;
