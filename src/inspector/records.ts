import type { CiStatus, ConnectionState, Exchange, Incident, PastTransition, StateChange } from '../contract/index.js';

/**
 * What the inspector's server tells its page, and what a recording holds: one JSON object each, in the order of happening.
 * Over the wire they come in batches (a JSON array each server-sent event); in a recording, one a line. Types only, since
 * the page is compiled with them too.
 *
 * A feed begins with `hello`, then all CIs in pieces (`cis`), then `ready`; from then on changes. After `dropped` all
 * CIs come anew, and end with `ready`. All times are wall-clock, in ms since the epoch, unless told otherwise.
 */
export type Recorded =
  | Hello
  | CisPart
  | { readonly t: 'ready'; readonly at: number }
  | CiGone
  | Transition
  | Summary
  | TraceRecord
  | TraceEnded
  | DroppedRecords
  | IncidentRecord
  | ForeignActor;

/** The first record: what is watched, and by what. */
export interface Hello {
  readonly t: 'hello';
  /** Of this format. */
  readonly version: 1;
  /** The package that wrote it. */
  readonly choragus: string;
  readonly at: number;
  readonly pool: 'running' | 'draining' | 'closed';
  /** Node's version, the process id and the host's name, to tell recordings apart. */
  readonly process: { readonly node: string; readonly pid: number; readonly host: string };
  /** The charts, from the machines' own definitions. */
  readonly machines: Readonly<Record<'connection' | 'pool', ChartNode>>;
  /** Past incidents, oldest first. */
  readonly incidents: readonly Incident[];
  /** What the page may ask for. Without `actions`, no button is shown. */
  readonly may: { readonly actions: boolean };
  /** What is told of the requests of a traced connection. */
  readonly requests: 'nothing' | 'sizes';
  /** Sent along with each POST of this session, in the header `x-choragus-csrf`. Not in recordings. */
  readonly csrf?: string;
}

/** Some of the CIs, in the first state of a feed; `left` more come in pieces to follow. */
export interface CisPart {
  readonly t: 'cis';
  readonly at: number;
  /** True in the first piece: what was known before is void. */
  readonly isFirst: boolean;
  readonly rows: readonly CiRow[];
  readonly left: number;
}

/** A CI was removed. */
export interface CiGone {
  readonly t: 'gone';
  readonly at: number;
  readonly ci: string;
}

/** One change of one connection's state: every one is told, none is sampled. */
export interface Transition extends StateChange {
  readonly t: 'transition';
}

/** What changed of a CI: the fields that differ from what was told before; all of them of one that is new. */
export type CiChange = Pick<CiRow, 'ci'> & Partial<CiRow>;

/** About once a second: what changed of the CIs, and what happened since the last one. */
export interface Summary {
  readonly t: 'summary';
  readonly at: number;
  readonly pool: 'running' | 'draining' | 'closed';
  readonly rows: readonly CiChange[];
  /** How many connections are in each state. */
  readonly states: Readonly<Record<ConnectionState, number>>;
  readonly inFlight: number;
  readonly waiting: number;
  /** Requests that ended per second since the last summary. */
  readonly perSecond: number;
  /** Of the whole pool since its start, in ms: the median of the CIs' medians, and the worst of their 99th percentiles. */
  readonly p50: number;
  readonly p99: number;
}

/** One CI, as the tables show it. */
export interface CiRow {
  readonly ci: string;
  readonly url: string;
  readonly state: CiStatus['state'];
  readonly since: number;
  readonly attempt: number;
  readonly inFlight: number;
  readonly waiting: number;
  readonly requests: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly connects: number;
  readonly retired: number;
  /** Share of the requests for which no connection was opened: 0 to 1. */
  readonly reuse: number;
  /** Of the service time, in ms. */
  readonly p50: number;
  readonly p99: number;
  /** Dead letters: frames that were dropped since nobody could be given them, by kind. */
  readonly late: number;
  readonly duplicates: number;
  readonly unsolicited: number;
  /** How its answers are told apart, and how often they came out of order. */
  readonly ordering: CiStatus['ordering'];
  readonly violations: number;
  readonly lastError?: { readonly code: string; readonly message: string; readonly at: number };
  readonly connections: readonly ConnectionRow[];
}

export interface ConnectionRow {
  readonly connection: string;
  readonly state: ConnectionState;
  readonly since: number;
  readonly attempt: number;
  /** The backoff under way, in ms; 0 without one. */
  readonly delayMs: number;
  readonly inFlight: number;
  readonly abandoned: number;
  readonly correlation: 'ordered' | 'byId';
  readonly isRetiring: boolean;
  /** The last transitions, oldest first, at most 32. Only in `cis`, not in `summary`. */
  readonly history?: readonly PastTransition[];
}

export type { PastTransition };

/**
 * One thing that an actor of a traced connection went through. `event`: one was received; `state`: the machine's state
 * after it (also where it did not change); `actor`: one was started or stopped; `exchange`: a request was over.
 */
export interface TraceRecord {
  readonly t: 'trace';
  readonly at: number;
  /** Counts up in one feed. */
  readonly seq: number;
  /** The root actor: a connection's name, or `pool`; or that of a foreign session. */
  readonly root: string;
  readonly kind: 'event' | 'state' | 'actor' | 'exchange';
  /** Who sent the event; absent when it came from outside. */
  readonly from?: string;
  readonly to: string;
  /** The event's type; the request's, of an exchange. */
  readonly type: string;
  /** The state's value, as xstate gives it: `"idle"`, `{"linked":"healthy"}`. For `state`. */
  readonly value?: unknown;
  /** Fields of the event that hold no content: `reason`, `record`, `demand`. */
  readonly cause?: Readonly<Record<string, string | number>>;
  /** Sizes and times of a request; no content. For `exchange`. */
  readonly exchange?: Omit<Exchange, 'type'>;
  /** So many requests of this connection before it were not told of one by one. For `exchange`. */
  readonly skipped?: number;
}

/** A trace switched itself off, or its connection is gone. */
export interface TraceEnded {
  readonly t: 'trace-ended';
  readonly at: number;
  readonly root: string;
  readonly why: 'time is over' | 'the connection is gone' | 'asked for';
}

/** The watcher was too slow: so many records were not sent. All CIs come anew after it. */
export interface DroppedRecords {
  readonly t: 'dropped';
  readonly at: number;
  readonly count: number;
}

export interface IncidentRecord extends Incident {
  readonly t: 'incident';
}

/**
 * An actor of a program without Choragus in it, as `choragus inspect` learns of it; told again when its status changes. Its
 * events and states are {@link TraceRecord}s whose `root` is its `session`, and whose `to` is its `actor`.
 */
export interface ForeignActor {
  readonly t: 'actor';
  readonly at: number;
  /** The program: one for each WebSocket client. */
  readonly session: string;
  /** Unique within the session. */
  readonly actor: string;
  readonly parent?: string;
  readonly name: string;
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  /** For a machine. */
  readonly chart?: ChartNode;
  readonly value?: unknown;
}

/** One state of a chart, from `machine.root`. */
export interface ChartNode {
  /** The key among its siblings. */
  readonly key: string;
  /** The path from the root, joined by dots; the machine's id for the root. */
  readonly id: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly description?: string;
  readonly tags: readonly string[];
  /** The key of the initial child. */
  readonly initial?: string;
  readonly invokes: readonly string[];
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  readonly states: readonly ChartNode[];
  readonly edges: readonly ChartEdge[];
}

/** One transition of a chart. */
export interface ChartEdge {
  /** The event; `after NAME` for a delay, `always` for one without an event, `done`, `error`. */
  readonly event: string;
  readonly kind: 'event' | 'after' | 'always' | 'done' | 'error';
  /** Id of the node that it leaves, and of those that it leads to; none for one that stays where it is. */
  readonly source: string;
  readonly targets: readonly string[];
  readonly guard?: string;
  /** The delay's name or its ms. */
  readonly delay?: string;
  readonly actions: readonly string[];
  readonly description?: string;
}
