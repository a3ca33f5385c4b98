import type { ConnectionState } from '../../../contract/index.js';
import type { ChartEdge, ChartNode, PastTransition } from '../../feed/records.js';

/** A transition, with the ids of the machine's states that it left and entered. Absent if no trace saw them. */
export interface PlacedTransition extends PastTransition {
  readonly left?: readonly string[] | undefined;
  readonly entered?: readonly string[] | undefined;
}

/** Returns the ids of the active states for a state value of xstate: `"idle"`, `{"linked":"healthy"}`. */
export function activeIds(value: unknown, path = ''): string[] {
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`);
  if (typeof value === 'string') return [at(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [at(key), ...activeIds(inner, at(key))]);
}

/** Returns the ids of the states with a tag, and of their parents. */
export function idsByTag(chart: ChartNode, tag: string): string[] {
  return chart.states.flatMap((node) => {
    const inner = idsByTag(node, tag);
    return node.tags.includes(tag) || inner.length > 0 ? [node.id, ...inner] : [];
  });
}

/** Returns how often a state of the machine, with its connection state, was entered in the history, and its mean duration in ms. */
export function dwellOf(
  history: readonly PlacedTransition[],
  state: ConnectionState,
  id: string,
): { readonly count: number; readonly meanMs: number | undefined } {
  let count = 0;
  let ended = 0;
  let totalMs = 0;
  for (const [index, { to, at, entered }] of history.entries()) {
    if (to !== state || entered?.includes(id) === false) continue;
    count += 1;
    const next = history[index + 1];
    if (next === undefined) continue;
    ended += 1;
    totalMs += next.at - at;
  }
  return { count, meanMs: ended === 0 ? undefined : totalMs / ended };
}

/** Returns the connection state of a node, from its tags. */
export function contractStateOf({ tags }: ChartNode): ConnectionState | undefined {
  return connectionStates.find((state) => tags.includes(state));
}

/** Returns the connection states of a node: its own, or those of the states inside it. */
export function coveredBy(node: ChartNode): readonly ConnectionState[] {
  const own = contractStateOf(node);
  return own === undefined ? node.states.flatMap(coveredBy) : [own];
}

const connectionStates: readonly ConnectionState[] = [
  'idle',
  'connecting',
  'healthy',
  'degraded',
  'retiring',
  'reconnecting',
  'closed',
];

/**
 * Returns how often a transition occurs in the history, and how long the state before it lasted on average, in ms. `from` and
 * `to` are the connection states that its source and its target cover: a change counts if it leaves one of `from` and
 * enters one of `to`, and if its reason can belong to the edge. Without `from`, it can leave any state. If a trace saw the
 * machine's states, the change must also leave the edge's source and enter one of its targets.
 */
export function takenOf(
  history: readonly PlacedTransition[],
  edge: ChartEdge,
  from: readonly ConnectionState[] | undefined,
  to: readonly ConnectionState[] | undefined,
): { readonly count: number; readonly meanMs: number | undefined } {
  let count = 0;
  let timed = 0;
  let totalMs = 0;
  for (const [index, past] of history.entries()) {
    if (past.to === past.from || from?.includes(past.from) === false || !to?.includes(past.to)) continue;
    if (!isFor(edge, past) || !isAlong(edge, past, from)) continue;
    count += 1;
    const before = history[index - 1];
    if (before === undefined) continue;
    timed += 1;
    totalMs += past.at - before.at;
  }
  return { count, meanMs: timed === 0 ? undefined : totalMs / timed };
}

/** Returns true if a change of state can belong to this edge, by the machine's states that a trace saw. */
function isAlong({ source, targets }: ChartEdge, { left, entered }: PlacedTransition, from: unknown): boolean {
  if (from !== undefined && left?.includes(source) === false) return false;
  return entered === undefined || targets.some((target) => entered.includes(target));
}

/** Returns true if a change of state can belong to this edge, by its reason. */
function isFor({ event, kind }: ChartEdge, { reason }: PlacedTransition): boolean {
  const words = reasons[event];
  if (words !== undefined) return words.includes(reason);
  const named = Object.values(reasons).some((known) => known.includes(reason));
  return kind === 'event' && !named;
}

const reasons: Readonly<Record<string, readonly string[]>> = {
  wanted: ['wanted'],
  hurry: ['asked_for'],
  'link.up': ['link_up'],
  'after backoff': ['backoff_over', 'kept_up', 'unwanted'],
  close: ['closed', 'quarantined', 'by_hand', 'out_of_step'],
  retire: ['retired', 'used_once', 'examined', 'tried', 'overtaken', 'streamed'],
  'requests.over': ['retired', 'used_once', 'examined', 'tried', 'overtaken', 'streamed'],
  'after connectTimeout': ['connect_timeout'],
  'error link': ['link_failed'],
  'error heartbeat': ['heartbeat_failed'],
  'heartbeat.missed': ['heartbeat_missed'],
  'heartbeat.answered': ['heartbeat_answered'],
  'link.suspect': ['requests_failing'],
  'request.failed': ['requests_failing'],
  'request.succeeded': ['requests_succeeding'],
};
