import type { SnapshotFrom } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import {
  type ConnectionEvent,
  type ConnectionInput,
  connectionMachine,
  type LinkRecord,
} from '../../../machines/index.js';
import { begin, type Step, step, type XstateEvent } from '../../unit/machines/step.js';

type ModelEvent = ConnectionEvent | XstateEvent;
type Snapshot = SnapshotFrom<typeof connectionMachine>;

/** The record of all links of a path: they answered and lasted, only answered, or never answered. */
export type Fortune = 'proven' | 'useful' | 'unproven';

/** Longer than any path takes, in ms. */
export const FOREVER_MS = 1e9;
/** The uptime of a proven link. */
export const PROVEN_UPTIME_MS = 100;

/** The input of the machine with which these links count as proven, or never do. */
export function inputFor(fortune: Fortune, input: Omit<ConnectionInput, 'provenUptimeMs'>): ConnectionInput {
  return { ...input, provenUptimeMs: fortune === 'proven' ? PROVEN_UPTIME_MS : FOREVER_MS };
}

const failedDial: ModelEvent = {
  type: 'link.lost',
  reason: 'unavailable',
  how: 'down',
  isPeerKnown: false,
  hasAnswered: false,
  uptimeMs: 0,
};
const retire = (requests: 'under_way' | 'none'): ModelEvent => ({ type: 'retire', reason: 'retired', requests });

/**
 * The events of the model, by the name of their cause in the world. `awaited`: a request waits for the connection at
 * this time; `forsaken`: no request does any more.
 */
export function eventsOf(fortune: Fortune): Readonly<Record<string, ModelEvent>> {
  return eventsByFortune[fortune];
}

function makeEvents(fortune: Fortune): Readonly<Record<string, ModelEvent>> {
  const record: LinkRecord = { hasAnswered: fortune !== 'unproven', uptimeMs: PROVEN_UPTIME_MS };
  const lost = (reason: string, how: 'down' | 'out_of_step'): ModelEvent => ({
    type: 'link.lost',
    reason,
    how,
    isPeerKnown: record.hasAnswered,
    ...record,
  });
  return {
    'wanted by a request': { type: 'wanted', by: 'requests' },
    'wanted by upkeep': { type: 'wanted', by: 'upkeep' },
    hurry: { type: 'hurry' },
    unwanted: { type: 'unwanted' },
    removed: { type: 'close', reason: 'closed', successor: 'when_wanted' },
    'closed by hand': { type: 'close', reason: 'by_hand', successor: 'at_once' },
    'retired by hand, unused': retire('none'),
    'retired by hand, in use': retire('under_way'),
    'too old, unused': retire('none'),
    'too old, in use': retire('under_way'),
    'requests over': { type: 'requests.over', reason: 'retired' },
    queued: { type: 'link.queued' },
    dialling: { type: 'link.dialling' },
    up: { type: 'link.up' },
    refused: { ...failedDial },
    'refused, forsaken': { ...failedDial },
    lost: lost('connection_lost', 'down'),
    'lost, awaited': lost('connection_lost', 'down'),
    'out of step': lost('protocol_error', 'out_of_step'),
    'out of step, awaited': lost('protocol_error', 'out_of_step'),
    'link actor failed': { type: 'xstate.error.actor.link', error: 'a bug', actorId: 'link' },
    'connect timeout': { type: 'xstate.after.connectTimeout.connection.linked.connecting.dialling' },
    'backoff over': { type: 'xstate.after.backoff.connection.reconnecting' },
    rested: { type: 'xstate.after.backoff.connection.resting' },
    answered: { type: 'heartbeat.answered' },
    missed: { type: 'heartbeat.missed', ...record },
    'missed, awaited': { type: 'heartbeat.missed', ...record },
    'heartbeat actor failed': { type: 'xstate.error.actor.heartbeat', error: 'a bug', actorId: 'heartbeat' },
    suspect: { type: 'link.suspect' },
    failed: { type: 'request.failed' },
    succeeded: { type: 'request.succeeded' },
  };
}

const eventsByFortune = {
  proven: makeEvents('proven'),
  useful: makeEvents('useful'),
  unproven: makeEvents('unproven'),
};

/** Returns the innermost active state, with dots. */
export function leafOf(snapshot: Snapshot): string {
  const parts: string[] = [];
  let value: unknown = snapshot.value;
  while (typeof value === 'object' && value !== null) {
    const [entry] = Object.entries(value);
    parts.push(entry?.[0] ?? '');
    value = entry?.[1];
  }
  return [...parts, String(value)].join('.');
}

/** Returns what decides the future of a connection. Attempts and delays grow without end, so they are compared step by step. */
export function keyOf(snapshot: Snapshot): string {
  const { wantedBy, dialledFor, suspicion, missedHeartbeats, failuresInRow } = snapshot.context;
  return [leafOf(snapshot), wantedBy, dialledFor, suspicion, missedHeartbeats, failuresInRow].join(' ');
}

/** A request dials out of turn this long after the last dial, in ms. Only a longer backoff leaves time for that. */
export const BETWEEN_DIALS_MS = 1_000;

const isUp = (leaf: string): boolean => /healthy|degraded/.test(leaf);

/** Whether the world can cause this event in this state, and the machine handles it. */
function isPossible(snapshot: Snapshot, name: string, event: ModelEvent, fortune: Fortune): boolean {
  if (snapshot.status !== 'active') return false;
  if (connectionMachine.getTransitionData(snapshot, event as ConnectionEvent).length === 0) return false;
  const leaf = leafOf(snapshot);
  const { wantedBy, suspicion, failuresInRow, delayMs } = snapshot.context;
  if (/by hand|^too old/.test(name)) return canEndByHand(leaf, name);
  // A link that waits for permission to dial has not begun: nothing can happen to it.
  if (leaf.endsWith('queued')) return /^(wanted by upkeep|dialling|removed)$/.test(name);
  switch (name) {
    case 'wanted by a request':
      return /idle|resting/.test(leaf) || (leaf === 'reconnecting' && wantedBy === 'nobody');
    case 'wanted by upkeep':
      // A retiring link gets no more requests.
      return !leaf.endsWith('retiring');
    case 'refused':
      return leaf.endsWith('dialling');
    case 'refused, forsaken':
      return leaf.endsWith('dialling') && wantedBy === 'requests';
    case 'lost':
    case 'out of step':
      return !leaf.endsWith('dialling');
    case 'lost, awaited':
    case 'out of step, awaited':
      return isUp(leaf);
    case 'missed, awaited':
      return step(connectionMachine, snapshot, event).snapshot.hasTag('reconnecting');
    case 'hurry':
      return delayMs > BETWEEN_DIALS_MS;
    case 'unwanted':
      return wantedBy === 'requests';
    case 'failed':
      // Failures are reported until the connection counts as failing.
      return suspicion !== 'failing';
    case 'succeeded':
      // A link with a successful request has answered; a success is reported if it can change something.
      return fortune !== 'unproven' && (failuresInRow > 0 || suspicion !== 'none');
    default:
      return true;
  }
}

/** An operator closes or retires connections that are not idle; a link gets old while it is up. */
function canEndByHand(leaf: string, name: string): boolean {
  if (/idle|resting/.test(leaf)) return false;
  if (name.startsWith('too old')) return isUp(leaf);
  return name.endsWith('in use')
    ? isUp(leaf) || leaf.endsWith('retiring')
    : !leaf.endsWith('retiring') || name === 'closed by hand';
}

/** A path: the names of its events. */
export type Path = readonly string[];

/** Returns the machine after each step of a path, as a pure function. */
export function replay(path: Path, input: ConnectionInput, fortune: Fortune): Step<typeof connectionMachine>[] {
  const events = eventsOf(fortune);
  let point = beginningOf(input);
  const steps = [point.step];
  for (const name of path) {
    point = nextPoint(point, name, events[name] as ModelEvent);
    steps.push(point.step);
  }
  return steps;
}

/** The end of a path that was replayed, and the paths that go on from there: paths with the same beginning share it. */
interface Point {
  readonly step: Step<typeof connectionMachine>;
  readonly next: Map<string, Point>;
}

/** The empty path of each model; each has an input of its own. */
const beginnings = new WeakMap<ConnectionInput, Point>();

function beginningOf(input: ConnectionInput): Point {
  const known = beginnings.get(input);
  if (known !== undefined) return known;
  const beginning: Point = { step: begin(connectionMachine, input), next: new Map() };
  beginnings.set(input, beginning);
  return beginning;
}

function nextPoint(point: Point, name: string, event: ModelEvent): Point {
  const known = point.next.get(name);
  if (known !== undefined) return known;
  const next: Point = { step: step(connectionMachine, point.step.snapshot, event), next: new Map() };
  point.next.set(name, next);
  return next;
}

/** The events that may come next. */
function nextOf(snapshot: Snapshot, fortune: Fortune): string[] {
  return Object.entries(eventsOf(fortune)).flatMap(([name, event]) =>
    isPossible(snapshot, name, event, fortune) ? [name] : [],
  );
}

/**
 * Returns the paths of the model: the shortest to each edge of its graph (a state, an event that can come there, a state), and
 * each of these with each event that can follow: so every possible pair of successive edges. One in `share` of the pairs
 * is used.
 */
export function pathsOf(input: ConnectionInput, fortune: Fortune, share: number): Path[] {
  const events = eventsOf(fortune);
  const names = new Map(Object.entries(events).map(([name, event]) => [event as unknown, name]));
  const nameOf = (event: unknown): string => names.get(event) ?? '';
  const shortest = getShortestPaths(connectionMachine, {
    input,
    events: (snapshot) => nextOf(snapshot as Snapshot, fortune).map((name) => events[name] as ConnectionEvent),
    // The vertices are the edges: one path for each state would leave out transitions back to a state.
    serializeState: (snapshot, event, previous) =>
      `${previous === undefined ? '' : keyOf(previous as Snapshot)} > ${nameOf(event)} > ${keyOf(snapshot as Snapshot)}`,
    serializeEvent: nameOf,
  });
  const toEdges = shortest.map(({ steps }) => steps.map(({ event }) => nameOf(event)).filter((name) => name !== ''));
  const ends = (path: Path) => (replay(path, input, fortune).at(-1) as Step<typeof connectionMachine>).snapshot;
  const pairs = toEdges.flatMap((path) => nextOf(ends(path), fortune).map((name) => [...path, name]));
  const isGood = (path: Path) => isWalkable(path, input, fortune);
  const all = [...toEdges.filter(isGood), ...pairs.filter((_, i) => i % share === 0).filter(isGood)];
  // A path that is the beginning of another is walked with it.
  const begun = new Set(all.flatMap((path) => path.map((_, i) => path.slice(0, i).join('>'))));
  return [...new Map(all.map((path) => [path.join('>'), path])).values()].filter((path) => !begun.has(path.join('>')));
}

/** Returns the event that follows this one without an act of the world, if any. */
export function followerOf(name: string, after: Snapshot): string | undefined {
  const leaf = leafOf(after);
  const { wantedBy } = after.context;
  // The waiting request wants a link that comes back; a kept-up link is redialled for it only after a rest.
  if (name.endsWith('awaited') && (/idle|resting/.test(leaf) || (leaf === 'reconnecting' && wantedBy === 'nobody'))) {
    return 'wanted by a request';
  }
  if (name === 'refused, forsaken') return 'unwanted';
  return undefined;
}

/** What may follow a failed heartbeat on a link without a byte: events that need no record, or have one. */
function maySucceedEarlyFailure(name: string, fortune: Fortune): boolean {
  if (/^(removed|closed by hand)$|unused$/.test(name)) return true;
  return fortune === 'unproven'
    ? /^(answered|lost|out of step|link actor failed|suspect|wanted by upkeep)$/.test(name)
    : name === 'succeeded';
}

/** What the world remembers, but the state does not show. */
function isWalkable(path: Path, input: ConnectionInput, fortune: Fortune): boolean {
  const steps = replay(path, input, fortune);
  /** Whether the last dial is less than a second ago. */
  let isFreshlyDialled = false;
  /** Whether a request will dial a connection early in its backoff. */
  let isHurrying = false;
  /** Whether a link without a byte was asked for a sign of life. */
  let owesPong = false;
  for (const [i, name] of path.entries()) {
    const before = (steps[i] as Step<typeof connectionMachine>).snapshot;
    const { snapshot: after } = steps[i + 1] as Step<typeof connectionMachine>;
    const leaf = leafOf(before);
    const previous = steps[i - 1]?.snapshot;
    const next = path[i + 1];
    const follower = followerOf(name, after);
    if (follower !== undefined && next !== follower) return false;
    if (leaf === 'linked.connecting.dialling') {
      isFreshlyDialled = true;
      owesPong = false;
    }
    // The owed answer keeps its slot taken: a request would have the link replaced.
    if (owesPong && /^failed$|awaited$|in use$/.test(name)) return false;
    // The owed ping is judged by the heartbeat right after the failure, and by no later one.
    if (owesPong && name === 'missed' && path[i - 1] !== 'heartbeat actor failed') return false;
    if (/^(missed|answered|connect timeout)/.test(name)) isFreshlyDialled = false;
    if (isHurrying && name === 'backoff over') return false;
    if (leaf === 'reconnecting' && name !== 'wanted by upkeep') isHurrying = false;
    const isAsked = name === 'wanted by a request' && followerOf(path[i - 1] ?? '', before) === undefined;
    if (isAsked && leaf === 'reconnecting') {
      // Dialled at once, if the last dial is long enough ago.
      if (!isFreshlyDialled && next !== 'hurry') return false;
      isHurrying = true;
    }
    // Permission to dial is given or delayed when the link begins.
    if (name === 'queued' && (previous === undefined || leafOf(previous).startsWith('linked'))) return false;
    if (name !== 'heartbeat actor failed') {
      if (name === 'succeeded') owesPong = false;
      continue;
    }
    // A heartbeat fails when it begins: as the link comes up, or as the state changes.
    if (previous === undefined || leafOf(previous) === leaf) return false;
    if (leaf !== 'linked.healthy' || path[i - 1] !== 'up') continue;
    if (next !== undefined && next !== name && !maySucceedEarlyFailure(next, fortune)) return false;
    owesPong = next !== 'succeeded';
  }
  return true;
}
