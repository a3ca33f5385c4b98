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

/** The record that all links of a path leave behind. */
export type Fortune = LinkRecord['record'];

const loss = (reason: string, record: Fortune, demand: LinkRecord['demand']): ModelEvent => ({
  type: 'link.lost',
  reason,
  record,
  demand,
});
const missed = (record: Fortune, demand: LinkRecord['demand']): ModelEvent => ({
  type: 'heartbeat.missed',
  record,
  demand,
});

/** The events of the model, by the name of the act in the world that causes them. */
export function eventsOf(fortune: Fortune): Readonly<Record<string, ModelEvent>> {
  return {
    connect: { type: 'connect' },
    hurry: { type: 'hurry' },
    release: { type: 'release' },
    close: { type: 'close', reason: 'closed' },
    queued: { type: 'link.queued' },
    dialling: { type: 'link.dialling' },
    up: { type: 'link.up' },
    'refused, wanted': loss('unavailable', 'unproven', 'wanted'),
    'refused, unwanted': loss('unavailable', 'unproven', 'unwanted'),
    'lost, wanted': loss('connection_lost', fortune, 'wanted'),
    'lost, unwanted': loss('connection_lost', fortune, 'unwanted'),
    'link actor failed': { type: 'xstate.error.actor.link', error: 'a bug', actorId: 'link' },
    'connect timeout': { type: 'xstate.after.connectTimeout.connection.linked.connecting.dialling' },
    'backoff over': { type: 'xstate.after.backoff.connection.reconnecting' },
    rested: { type: 'xstate.after.backoff.connection.resting' },
    answered: { type: 'heartbeat.answered' },
    'missed, wanted': missed(fortune, 'wanted'),
    'missed, unwanted': missed(fortune, 'unwanted'),
    'heartbeat actor failed': { type: 'xstate.error.actor.heartbeat', error: 'a bug', actorId: 'heartbeat' },
    failing: { type: 'requests.failing' },
    succeeding: { type: 'requests.succeeding' },
  };
}

/** The innermost active state, with dots. */
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

/** What of a connection decides its future. Attempts and delays grow without end, and are compared step by step instead. */
export function keyOf(snapshot: Snapshot): string {
  const { demand, dialledFor, suspicion, missedHeartbeats } = snapshot.context;
  return [leafOf(snapshot), demand, dialledFor, suspicion, missedHeartbeats].join(' ');
}

/** A request dials out of turn once the last dial is so long ago, in ms. Only a longer backoff leaves it time to. */
export const BETWEEN_DIALS_MS = 1_000;

/** Whether the world can cause this event in this state, and the machine has an answer to it. */
function isPossible(snapshot: Snapshot, name: string, event: ModelEvent, fortune: Fortune): boolean {
  if (snapshot.status !== 'active') return false;
  if (connectionMachine.getTransitionData(snapshot, event as ConnectionEvent).length === 0) return false;
  const leaf = leafOf(snapshot);
  // A link that waits for leave to dial has not begun: nothing can happen to it.
  if (leaf.endsWith('queued')) return name === 'connect' || name === 'dialling' || name === 'close';
  if (name.startsWith('refused')) return leaf.endsWith('dialling');
  if (name.startsWith('lost')) return !leaf.endsWith('dialling');
  // Failures are told once in a row; only an answer begins a new row.
  if (name === 'failing') return snapshot.context.suspicion !== 'failing';
  if (name === 'release') return snapshot.context.demand === 'wanted';
  if (name === 'hurry') return snapshot.context.delayMs > BETWEEN_DIALS_MS;
  // A link on which a request succeeds has been of use.
  if (name === 'succeeding') return fortune !== 'unproven';
  return true;
}

/** A path: the names of its events. */
export type Path = readonly string[];

/** The machine at the end of each step of a path, purely. */
export function replay(path: Path, input: ConnectionInput, fortune: Fortune): Step<typeof connectionMachine>[] {
  const events = eventsOf(fortune);
  const steps = [begin(connectionMachine, input) as Step<typeof connectionMachine>];
  for (const name of path) {
    steps.push(
      step(connectionMachine, (steps.at(-1) as Step<typeof connectionMachine>).snapshot, events[name] as ModelEvent),
    );
  }
  return steps;
}

/** The events that may come next. */
function nextOf(snapshot: Snapshot, fortune: Fortune): string[] {
  return Object.entries(eventsOf(fortune)).flatMap(([name, event]) =>
    isPossible(snapshot, name, event, fortune) ? [name] : [],
  );
}

/**
 * The paths of the model: the shortest to each edge of its graph (a state, an event that can come there, a state), and
 * each of these with each event that can follow: so every pair of edges in a row that the world can cause. Of the pairs,
 * one in `share` is taken.
 */
export function pathsOf(input: ConnectionInput, fortune: Fortune, share: number): Path[] {
  const events = eventsOf(fortune);
  const names = new Map(Object.entries(events).map(([name, event]) => [event as unknown, name]));
  const nameOf = (event: unknown): string => names.get(event) ?? '';
  const shortest = getShortestPaths(connectionMachine, {
    input,
    events: (snapshot) => nextOf(snapshot as Snapshot, fortune).map((name) => events[name] as ConnectionEvent),
    // The vertices are the edges: a path for each state alone would leave out what leads back to a state.
    serializeState: (snapshot, event, previous) =>
      `${previous === undefined ? '' : keyOf(previous as Snapshot)} > ${nameOf(event)} > ${keyOf(snapshot as Snapshot)}`,
    serializeEvent: nameOf,
  });
  const toEdges = shortest.map(({ steps }) => steps.map(({ event }) => nameOf(event)).filter((name) => name !== ''));
  const ends = (path: Path) => (replay(path, input, fortune).at(-1) as Step<typeof connectionMachine>).snapshot;
  const pairs = toEdges.flatMap((path) => nextOf(ends(path), fortune).map((name) => [...path, name]));
  const isGood = (path: Path) => isWalkable(path, input, fortune);
  const all = [...toEdges.filter(isGood), ...pairs.filter(isGood).filter((_, i) => i % share === 0)];
  // A path that another one begins with is walked with it.
  const begun = new Set(all.flatMap((path) => path.map((_, i) => path.slice(0, i).join())));
  return [...new Map(all.map((path) => [path.join(), path])).values()].filter((path) => !begun.has(path.join()));
}

/** What may follow when a heartbeat failed on a link that has said nothing yet: what needs no record, or the one that it has. */
const afterEarlyFailure: Readonly<Record<Fortune, readonly string[]>> = {
  proven: ['close', 'succeeding'],
  useful: ['close', 'succeeding'],
  unproven: ['close', 'answered', 'lost, wanted', 'lost, unwanted', 'link actor failed'],
};

/** A request was answered on this link. */
const isUseful = (fortune: Fortune): boolean => fortune !== 'unproven';

/**
 * Whether the request that wants a link back waits already when this event takes it: then it dials at once, and the next step follows
 * without an act.
 */
export function isDialledAtOnce(name: string, next: string | undefined, fortune: Fortune): boolean {
  return name === 'lost, wanted' && next === 'connect' && isUseful(fortune);
}

/** What the state does not tell, but the world remembers. */
function isWalkable(path: Path, input: ConnectionInput, fortune: Fortune): boolean {
  const steps = replay(path, input, fortune);
  /** Wanted for good, by `warm()`. */
  let isWarm = false;
  /** Whether the last dial is less than a second ago. */
  let isFreshlyDialled = false;
  /** Whether a link that has said nothing was asked for a sign of life. */
  let owesPong = false;
  for (const [i, name] of path.entries()) {
    const before = (steps[i] as Step<typeof connectionMachine>).snapshot;
    const leaf = leafOf(before);
    const previous = steps[i - 1]?.snapshot;
    const next = path[i + 1];
    if (isWarm && (name === 'release' || name.endsWith(', unwanted'))) return false;
    if (leaf === 'linked.connecting.dialling') isFreshlyDialled = true;
    if (leaf === 'linked.connecting.dialling') owesPong = false;
    // Where a pong is owed and no id was seen, a request has the link replaced: only warm() wants it.
    if (owesPong && name === 'failing') return false;
    if (owesPong && /, wanted$|actor failed$/.test(name)) isWarm = true;
    if (/^(missed|answered|connect timeout)/.test(name)) isFreshlyDialled = false;
    // A link that stands is wanted again only by warm(); and one that is to come back, by a request only where it may not dial early.
    if (name === 'connect' && leaf.startsWith('linked')) isWarm = true;
    if (name === 'connect' && leaf === 'reconnecting' && next !== 'hurry') {
      if (next !== 'release') isWarm = true;
      // The request that is given up would have dialled early.
      else if (!isFreshlyDialled) return false;
    }
    // Without a request that waits, only warm() wants a link back that was of use; and what is warm was wanted when it was dialled.
    if (name === 'lost, wanted' && isUseful(fortune) && !isDialledAtOnce(name, next, fortune)) {
      if (before.context.demand === 'unwanted') return false;
      isWarm = true;
    }
    // Leave to dial is given or not when the link begins.
    if (name === 'queued' && (previous === undefined || leafOf(previous).startsWith('linked'))) return false;
    if (name !== 'heartbeat actor failed') continue;
    // A heartbeat fails when it begins: as the link comes up, or as the state changes.
    if (previous === undefined || leafOf(previous) === leaf) return false;
    if (leaf !== 'linked.healthy' || path[i - 1] !== 'up') continue;
    if (next !== undefined && next !== name && !afterEarlyFailure[fortune].includes(next)) return false;
    owesPong = next !== 'succeeding';
  }
  return true;
}
