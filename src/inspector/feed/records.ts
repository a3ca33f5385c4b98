import type {
  CiStatus,
  ConnectionState,
  Exchange,
  Incident,
  PastTransition,
  StateChange,
} from '../../contract/index.js';
import type { Code } from '../../errors/index.js';

/**
 * Describes the records that the inspector's server sends to its page, and that a recording contains: JSON objects in the
 * order of their events. The server sends them in batches: each server-sent event is a JSON array. A recording has one
 * record per line. This file contains only types, because the page is compiled with them, too.
 *
 * A feed starts with `hello`, then all CIs in parts (`cis`), then `ready`. Changes follow, and a `beat` each second. After
 * `dropped` the feed sends all CIs again, and then `ready`. All times are wall-clock times of the service in ms since the
 * epoch, unless stated otherwise.
 *
 * The feed counts the transitions and the removals of CIs. A row (`CiRow.seq`), a transition (`Transition.seq`) and a
 * removal (`CiGone.seq`) say how many had happened: of two statements about a CI or a connection, the one with the larger
 * number is newer. The order of arrival does not say that, because the whole state is sent beside the changes.
 */
export type Recorded =
  | Hello
  | CisPart
  | { readonly t: 'ready'; readonly at: number }
  | CiGone
  | Transition
  | Summary
  | Beat
  | TraceRecord
  | TraceEnded
  | DroppedRecords
  | IncidentRecord
  | ForeignActor;

/** Starts a feed: describes the watched process, its machines and its version. */
export interface Hello {
  /** Always `hello`. */
  readonly t: 'hello';
  /** The version of this format. A page reads recordings of version 1, too. */
  readonly version: 2;
  /** A random id of the watched service: another one after a restart. */
  readonly instance: string;
  /** The version of the package that wrote it. */
  readonly choragus: string;
  /** When it was written. */
  readonly at: number;
  /** The pool's state. */
  readonly pool: 'running' | 'draining' | 'closing' | 'closed';
  /** Node's version, the process id and the host's name, to distinguish recordings. */
  readonly process: { readonly node: string; readonly pid: number; readonly host: string };
  /** The charts, read from the machines' definitions. */
  readonly machines: Readonly<Record<'connection' | 'pool', ChartNode>>;
  /** Past incidents, oldest first. */
  readonly incidents: readonly Incident[];
  /** `programs` if the feed is of other programs, without a pool. Absent otherwise. */
  readonly watches?: 'programs';
  /** What the page may request. Without `actions`, it shows no buttons. */
  readonly may: { readonly actions: boolean };
  /** What the feed sends about the requests of a traced connection. */
  readonly requests: 'nothing' | 'sizes';
  /** The number of CIs, to show how much of the first state has arrived. */
  readonly cis: number;
  /** The value of the header `x-choragus-csrf` for each POST of this session. Absent in recordings. */
  readonly csrf?: string;
}

/** Some CIs of the whole state. `left` is the number of CIs in the following parts. */
export interface CisPart {
  readonly t: 'cis';
  readonly at: number;
  /** True in the first part: it replaces all earlier CIs. */
  readonly isFirst: boolean;
  readonly rows: readonly CiRow[];
  readonly left: number;
}

/** Reports that a CI was removed. It can have been added again since: then a row with the same or a larger number exists. */
export interface CiGone {
  readonly t: 'gone';
  readonly at: number;
  /** The number of this removal within the feed. See {@link CiRow.seq}. */
  readonly seq: number;
  readonly ci: string;
}

/** Describes one change of one connection's state. The feed sends every change. */
export interface Transition extends StateChange {
  /** Always `transition`. */
  readonly t: 'transition';
  /** The number of this transition within the feed. See {@link CiRow.seq}. */
  readonly seq: number;
}

/** Shows that the service is alive. Sent each second, also if nothing has changed. */
export interface Beat {
  /** Always `beat`. */
  readonly t: 'beat';
  /** The service's clock. */
  readonly at: number;
  /** The longest time for which the service's event loop was blocked since the last beat, in ms. */
  readonly lagMs: number;
}

/** The windows of time for which the service keeps rates and percentiles: 30 seconds, 1 and 5 minutes, 1 hour. */
export type WindowName = 's30' | 'm1' | 'm5' | 'h1';

/** Describes the requests that ended within a window of time. */
export interface Window {
  /**
   * The time that the window covers, in seconds: less than its full length at the start, and more or less by up to half a slot, or if
   * the event loop was blocked.
   */
  readonly seconds: number;
  /** Requests answered. */
  readonly succeeded: number;
  /** Requests failed. */
  readonly failed: number;
  /** Median service time of the answered ones, in ms. */
  readonly p50: number;
  /** 99th percentile of their service time, in ms. */
  readonly p99: number;
}

/** The fields of a CI that can be absent. */
export type AbsentField = { [Name in keyof CiRow]-?: undefined extends CiRow[Name] ? Name : never }[keyof CiRow];

/**
 * The fields of a CI that differ from the last record; all fields for a new CI. `null` says that a field is absent now: JSON
 * drops `undefined`, and a field that is missing here has not changed.
 */
export type CiChange = Pick<CiRow, 'ci' | 'seq'> & {
  readonly [Name in keyof CiRow]?: Name extends AbsentField ? CiRow[Name] | null : CiRow[Name];
};

/** Describes, about once a second, what changed in the CIs and what happened since the last summary. */
export interface Summary {
  /** Always `summary`. */
  readonly t: 'summary';
  /** When it was written. */
  readonly at: number;
  /** The pool's state. */
  readonly pool: 'running' | 'draining' | 'closing' | 'closed';
  /** The CIs that changed, with only their changed fields. */
  readonly rows: readonly CiChange[];
  /** Number of connections in each state. */
  readonly states: Readonly<Record<ConnectionState, number>>;
  /** Requests sent and not settled. */
  readonly inFlight: number;
  /** Requests that wait for a slot. */
  readonly waiting: number;
  /** Requests that ended per second since the last summary. */
  readonly perSecond: number;
  /** Median of the CIs' median service times since the start, in ms. */
  readonly p50: number;
  /** Largest of the CIs' 99th percentiles of the service time since the start, in ms. */
  readonly p99: number;
  /** The requests of all CIs in each window. Absent if none has ended within the last hour. */
  readonly recent?: Readonly<Record<WindowName, Window>>;
}

/** Describes one CI as the tables show it. */
export interface CiRow {
  /** The CI's name. */
  readonly ci: string;
  /** The number that the feed had counted to when this row was read. Older rows, transitions and removals are outdated. */
  readonly seq: number;
  /** Its address, without credentials. */
  readonly url: string;
  /** The best state among its connections. */
  readonly state: CiStatus['state'];
  /** When `state` changed last. */
  readonly since: number;
  /**
   * When the CI lost its last usable connection; the first failed attempt if it had none. Absent while it has one, before a failure,
   * and while nobody wants one.
   */
  readonly downSince?: number | undefined;
  /**
   * Since when no request has ended and no chunk has arrived although some are in flight, to about 5 s; absent if none has waited
   * that long.
   */
  readonly unansweredSince?: number | undefined;
  /** The requests in each window. Absent if none has ended within the last hour. */
  readonly recent?: Readonly<Record<WindowName, Window>> | undefined;
  /** Failed attempts in a row. */
  readonly attempt: number;
  /** Requests sent and not settled. */
  readonly inFlight: number;
  /** Requests that wait for a slot. */
  readonly waiting: number;
  /** Requests written since the start. */
  readonly requests: number;
  /** Requests answered since the start. */
  readonly succeeded: number;
  /** Requests failed since the start. */
  readonly failed: number;
  /** The failed requests by their code. */
  readonly failures: Readonly<Partial<Record<Code, number>>>;
  /** Requests unsubscribed since the start. */
  readonly cancelled: number;
  /** Dials that succeeded since the start. */
  readonly connects: number;
  /** Connections retired since the start. */
  readonly retired: number;
  /** Share of the requests that needed no new connection: 0 to 1. */
  readonly reuse: number;
  /** Median service time, in ms. */
  readonly p50: number;
  /** 99th percentile of the service time, in ms. */
  readonly p99: number;
  /** Replies to abandoned requests; dropped. */
  readonly late: number;
  /** Second replies; dropped. */
  readonly duplicates: number;
  /** Frames that belong to no request; dropped. */
  readonly unsolicited: number;
  /** How the pool matches its answers to requests. */
  readonly ordering: CiStatus['ordering'];
  /** Answers that came out of order. */
  readonly violations: number;
  /** The last failure, without content. */
  readonly lastError?: { readonly code: string; readonly message: string; readonly at: number } | undefined;
  /** Its connections. */
  readonly connections: readonly ConnectionRow[];
}

/** Describes one connection as the tables show it. */
export interface ConnectionRow {
  /** The connection's name: `apollo#1`. */
  readonly connection: string;
  /** Its state. */
  readonly state: ConnectionState;
  /** When `state` changed last. */
  readonly since: number;
  /** Failed attempts in a row. */
  readonly attempt: number;
  /** The current backoff, in ms; 0 if there is none. */
  readonly delayMs: number;
  /** Requests sent and not settled. */
  readonly inFlight: number;
  /** Abandoned requests whose replies have not arrived yet. */
  readonly abandoned: number;
  /** How the peer matches replies to requests. */
  readonly correlation: 'ordered' | 'byId';
  /** The last transitions, oldest first, at most 32. Only in `cis`, not in `summary`. */
  readonly history?: readonly PastTransition[];
}

export type { PastTransition };

/**
 * Describes one event of an actor of a traced connection. `event`: the actor received an event. `state`: the machine's
 * state after an event, also if it did not change. `actor`: the actor was started. `exchange`: a request ended.
 */
export interface TraceRecord {
  /** Always `trace`. */
  readonly t: 'trace';
  /** When it happened. */
  readonly at: number;
  /** The number of the record within one feed. */
  readonly seq: number;
  /** The root actor: a connection's name, `pool`, or a foreign session. */
  readonly root: string;
  /** What happened. */
  readonly kind: 'event' | 'state' | 'actor' | 'exchange';
  /** The event's sender; absent if it came from outside. */
  readonly from?: string;
  /** The actor that received the event. */
  readonly to: string;
  /** The event's type; for an exchange, the request's type. */
  readonly type: string;
  /** For `state`: the state value of xstate: `"idle"`, `{"linked":"healthy"}`. */
  readonly value?: unknown;
  /** Fields of the event that contain no message content: `reason`, `record`, `demand`. */
  readonly cause?: Readonly<Record<string, string | number>>;
  /** For `state`: true for the state in which the trace found the actor: nothing happened. */
  readonly isInitial?: true;
  /** For events of other programs: the event's fields, redacted and cut to a bounded size. */
  readonly payload?: unknown;
  /** For states of other programs: the machine's context, redacted and cut to a bounded size. */
  readonly context?: unknown;
  /** For `exchange`: sizes and times of a request, without content. */
  readonly exchange?: Omit<Exchange, 'type'>;
  /** For `exchange`: number of earlier requests of this connection that have no record, because there were too many. */
  readonly skipped?: number;
}

/** Reports the end of a trace. */
export interface TraceEnded {
  readonly t: 'trace-ended';
  readonly at: number;
  readonly root: string;
  readonly why: 'time is over' | 'the connection is gone' | 'asked for';
}

/** Reports that the watcher was too slow, and how many records it missed. All CIs follow again. */
export interface DroppedRecords {
  readonly t: 'dropped';
  readonly at: number;
  readonly count: number;
}

export interface IncidentRecord extends Incident {
  readonly t: 'incident';
}

/**
 * Describes an actor of another program, for `choragus inspect`. Sent again when its status changes. Its events and states
 * are {@link TraceRecord}s with its `session` as `root` and its `actor` as `to`.
 */
export interface ForeignActor {
  readonly t: 'actor';
  readonly at: number;
  /** The program. Each WebSocket client is one session. */
  readonly session: string;
  /** The actor's id, unique within the session. */
  readonly actor: string;
  readonly parent?: string;
  readonly name: string;
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  /** The chart, if the actor is a machine. */
  readonly chart?: ChartNode;
  readonly value?: unknown;
  /** The machine's context, redacted and cut to a bounded size. */
  readonly context?: unknown;
}

/** Describes one state of a chart. */
export interface ChartNode {
  /** The state's key among its siblings. */
  readonly key: string;
  /** The path from the root, joined by dots; for the root, the machine's id. */
  readonly id: string;
  /** The kind of state. */
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  /** The machine's own description of the state. */
  readonly description?: string;
  /** The state's tags. */
  readonly tags: readonly string[];
  /** The key of the initial child state. */
  readonly initial?: string;
  /** The actors that run while the state is active. */
  readonly invokes: readonly string[];
  /** The actions on entry. */
  readonly entry: readonly string[];
  /** The actions on exit. */
  readonly exit: readonly string[];
  /** The child states. */
  readonly states: readonly ChartNode[];
  /** The transitions that leave the state. */
  readonly edges: readonly ChartEdge[];
}

/** Describes one transition of a chart. */
export interface ChartEdge {
  /** The event. `after NAME` for a delay, `always` for a transition without an event, `done NAME`, `error NAME`. */
  readonly event: string;
  /** What triggers the transition. */
  readonly kind: 'event' | 'after' | 'always' | 'done' | 'error';
  /** The id of the state that it leaves. */
  readonly source: string;
  /** The ids of the states that it enters; none if it stays in its state. */
  readonly targets: readonly string[];
  /** The guard's name. */
  readonly guard?: string;
  /** The delay's name, or its duration in ms. */
  readonly delay?: string;
  /** The actions that it runs. */
  readonly actions: readonly string[];
  /** The machine's own description of the transition. */
  readonly description?: string;
}
