import type { Departure } from '../connection/connection-owner.js';
import type { ConnectionState } from '../contract/index.js';

/** A connection that takes requests, or will, as the plan sees it. */
export interface ConnectionView {
  readonly state: ConnectionState;
  /** Failed dials in a row. */
  readonly attempt: number;
  readonly wantedBy: 'nobody' | 'requests' | 'upkeep';
  /** `idle`, and redialled by itself after a delay. */
  readonly isResting: boolean;
  /** Up, and soon free: it waits for a moment, to see whether the CI closes it behind its answer. */
  readonly isSettling: boolean;
  /** An abandoned request keeps its slot from being free. */
  readonly isBlocked: boolean;
  /** It can close at once without cutting a request. */
  readonly isDone: boolean;
  /** Why it should take no more requests; undefined if it should. */
  readonly departure: Departure | undefined;
}

/** One CI, as the plan sees it. All times are in ms. */
export interface CiView {
  /** Whether the CI may have connections: it is neither quarantined nor closed. */
  readonly isOpen: boolean;
  /** Requests that wait for a slot. */
  readonly waiting: number;
  /** How many of them wait, however long the CI is down. The others fail. */
  readonly patient: number;
  /** Whether a request had to take a suspect link: then another connection is opened beside it. */
  readonly besideSuspect: boolean;
  /** Whether one connection is kept up. `asked`: `warm()` also wants a dial now. */
  readonly upkeep: 'none' | 'kept' | 'asked';
  readonly maxConnections: number;
  /** The connections that take requests, or will. The first is the one that is kept up. */
  readonly connections: readonly ConnectionView[];
  /** How many retire. */
  readonly retiring: number;
  /** How many connections closed through no fault of the CI, and must be replaced at once. */
  readonly successors: number;
  /** Links that were lost after they had answered, and were not redialled. */
  readonly lostLinks: number;
  /** Time until the next redial of such a link is allowed; 0: now. */
  readonly redialInMs: number;
  /** Whether such a redial is running: it shows whether the CI is still up. */
  readonly isRedialling: boolean;
  /** Whether a request asks for a dial during the backoff: no; yes, if it may begin now; or yes, as soon as it may. */
  readonly hurry: 'no' | 'now' | 'soon';
  /** Time until a dial during the backoff is allowed; 0: now. */
  readonly hurryInMs: number;
  /** Whether the last dial failed because the CI's address or wire can never work. */
  readonly isUndiallable: boolean;
  /** Whether dials for requests may begin in this turn of the event loop. */
  readonly turn: 'now' | 'later';
}

/** One step of a plan. A connection is given by its index in the view. */
export type Step =
  /** Take no more requests on it; it closes when those in flight have ended. */
  | { readonly do: 'retire'; readonly connection: number; readonly departure: Departure }
  /** Close it and cut its requests: too many others retire already. */
  | { readonly do: 'cut'; readonly connection: number }
  /** Fail requests that wait. */
  | { readonly do: 'fail waiting'; readonly which: 'impatient' | 'all' }
  /** Create a connection, and want its link. */
  | { readonly do: 'open'; readonly by: 'requests' | 'upkeep' }
  /** Want the link of an existing connection. */
  | { readonly do: 'wake'; readonly connection: number; readonly by: 'requests' | 'upkeep' }
  /** Open a connection, or wake this idle one, to replace one that closed. There is no backoff. */
  | { readonly do: 'replace'; readonly connection: number | undefined }
  /** Dial now, without waiting for the end of the backoff. */
  | { readonly do: 'hurry'; readonly connection: number }
  /** Cancel a redial that only requests wanted. */
  | { readonly do: 'unwant'; readonly connection: number }
  /** Count the next steps as the redial of a link that was lost after it had answered. */
  | { readonly do: 'redial' }
  /** Plan again: in the next turn of the event loop that has time for dials, or after a time in ms. */
  | { readonly do: 'plan again'; readonly when: 'in a turn' | number };

/** A connection with its index in the view. */
type Placed = ConnectionView & { readonly at: number };

/** The facts that remain once some connections retire. */
interface Rest {
  readonly view: CiView;
  readonly connections: readonly Placed[];
  /** Requests that wait, and do not fail. */
  readonly waiting: number;
}

/** Returns whether the CI is down: no connection is up or dialling, and a failed one is in its backoff. */
export function isDown(connections: Iterable<{ readonly state: ConnectionState }>): boolean {
  let isBackingOff = false;
  for (const connection of connections) {
    if (isUp(connection) || connection.state === 'connecting') return false;
    if (connection.state === 'reconnecting') isBackingOff = true;
  }
  return isBackingOff;
}

/**
 * Returns whether all connections that the CI may have are up and free of abandoned requests. Then one more waiting
 * request changes nothing: unless a connection should take no more requests, the plan has no step for it.
 */
export function isFull(connections: Iterable<Pick<ConnectionView, 'state' | 'isBlocked'>>, most: number): boolean {
  let serving = 0;
  for (const connection of connections) {
    if (connection.state === 'retiring') continue;
    if (!isUp(connection) || connection.isBlocked) return false;
    serving += 1;
  }
  return serving >= most;
}

/**
 * Decides what to do about the connections of one CI: which to open, wake, replace or retire, and whether waiting
 * requests must fail. It makes every decision about a dial. The caller carries out the steps in order, and plans again
 * when something changes.
 *
 * @example
 * ```ts
 * plan({ ...quiet, waiting: 1, turn: 'now' }); // [{ do: 'open', by: 'requests' }]
 * ```
 */
export function plan(view: CiView): readonly Step[] {
  if (!view.isOpen) return [];
  const departures = departuresOf(view);
  const gone = new Set(departures.map(({ connection }) => connection));
  const connections = view.connections
    .map((connection, at) => ({ ...connection, at }))
    .filter(({ at }) => !gone.has(at));
  const failures = failuresOf(view, connections);
  const [failure] = failures;
  const waiting = failure === undefined ? view.waiting : failure.which === 'all' ? 0 : view.patient;
  const rest = { view, connections, waiting };
  const replaced = departures.filter((step) => step.do === 'retire').length;
  const replacements = replacementsOf(rest, view.successors + (waiting > 0 ? replaced : 0));
  const dials = replacements.length === 0 ? dialsOf(rest) : [];
  const steps = [...departures, ...failures, ...unwantedOf(rest), ...replacements, ...dials, ...hurriesOf(rest)];
  return [...steps, ...upkeepOf(rest, steps)];
}

function isUp({ state }: { readonly state: ConnectionState }): boolean {
  return state === 'healthy' || state === 'degraded';
}

type DepartureStep = Extract<Step, { readonly connection: number; readonly do: 'retire' | 'cut' }>;

/**
 * Returns the departures of connections that should take no more requests, as far as there is room for retiring ones.
 */
function departuresOf(view: CiView): readonly DepartureStep[] {
  let { retiring } = view;
  const steps: DepartureStep[] = [];
  for (const [connection, { departure, isDone }] of view.connections.entries()) {
    if (departure === undefined) continue;
    const hasRoom = isDone || retiring < view.maxConnections;
    if (hasRoom) {
      steps.push({ do: 'retire', connection, departure });
      if (!isDone) retiring += 1;
    } else if (departure.how === 'must') steps.push({ do: 'cut', connection });
  }
  return steps;
}

type FailureStep = Extract<Step, { readonly do: 'fail waiting' }>;

/**
 * Fails requests while the CI is down, unless they wait for it. Waiting does not help if the address is wrong or a
 * package is missing.
 */
function failuresOf(view: CiView, connections: readonly Placed[]): readonly FailureStep[] {
  if (view.waiting === 0 || !isDown(connections)) return [];
  if (view.isUndiallable) return [{ do: 'fail waiting', which: 'all' }];
  return view.patient < view.waiting ? [{ do: 'fail waiting', which: 'impatient' }] : [];
}

/** Cancels redials that requests wanted which no longer wait. */
function unwantedOf({ connections, waiting }: Rest): readonly Step[] {
  if (waiting > 0) return [];
  const redialled = connections.filter(({ state, wantedBy }) => state === 'reconnecting' && wantedBy === 'requests');
  return redialled.map(({ at }) => ({ do: 'unwant', connection: at }));
}

/** Replaces each connection that closed through no fault of its CI, by an idle one or a new one. */
function replacementsOf({ view, connections }: Rest, count: number): readonly Step[] {
  const idle = connections.filter(({ state }) => state === 'idle').slice(0, count);
  const opened = Math.min(count - idle.length, Math.max(view.maxConnections - connections.length, 0));
  return [
    ...idle.map(({ at }): Step => ({ do: 'replace', connection: at })),
    ...new Array<Step>(opened).fill({ do: 'replace', connection: undefined }),
  ];
}

/** Opens as many connections as the waiting requests can use, within limits. */
function dialsOf(rest: Rest): readonly Step[] {
  const { view, waiting } = rest;
  if (waiting === 0 && !view.besideSuspect) return [];
  if (view.lostLinks > 0) {
    if (waiting === 0) return [];
    if (view.turn === 'later') return [{ do: 'plan again', when: 'in a turn' }];
    // One at a time, so that a CI that answers once and closes the link causes no busy loop.
    if (view.redialInMs > 0) return [{ do: 'plan again', when: view.redialInMs }];
    const dials = opened(rest, 1);
    // One that is on its way already counts for itself.
    return dials.length === 0 ? [] : [{ do: 'redial' }, ...dials];
  }
  if (view.turn === 'later') return view.besideSuspect ? opened(rest, 1) : [{ do: 'plan again', when: 'in a turn' }];
  return opened(rest, Math.max(waiting, 1));
}

function opened(rest: Rest, wanted: number): readonly Step[] {
  const { view, connections } = rest;
  // While another connection is up, the CI is not down: one failed link says nothing about the next.
  const mayBeDown = !connections.some(isUp);
  const idle: Placed[] = [];
  let onTheirWay = 0;
  for (const connection of connections) {
    const { state, attempt, wantedBy, at } = connection;
    // It shows whether the CI is back, so one dial is enough until then.
    if (state === 'connecting' && mayBeDown && (attempt > 0 || view.isRedialling)) return [];
    if (state === 'connecting' || connection.isSettling) onTheirWay += 1;
    // The CI is in a backoff: another connection would bypass it.
    else if (state === 'reconnecting' && mayBeDown) {
      return wantedBy === 'nobody' ? [{ do: 'wake', connection: at, by: 'requests' }] : [];
    } else if (state === 'idle') idle.push(connection);
  }
  const missing = Math.max(wanted - onTheirWay, 0);
  const woken = idle.slice(0, missing);
  const made = Math.max(Math.min(missing - woken.length, view.maxConnections - connections.length), 0);
  if (onTheirWay + woken.length + made === 0) return blockedReplaced(rest);
  return [
    ...woken.map(({ at }): Step => ({ do: 'wake', connection: at, by: 'requests' })),
    ...new Array<Step>(made).fill({ do: 'open', by: 'requests' }),
  ];
}

/**
 * Replaces a connection that an abandoned request blocks, if all slots are taken: a new connection is better than
 * waiting for a late reply.
 */
function blockedReplaced({ view, connections }: Rest): readonly Step[] {
  const blocked = connections.find(
    ({ isBlocked, isDone }) => isBlocked && (isDone || view.retiring < view.maxConnections),
  );
  if (blocked === undefined) return [];
  const departure: Departure = { reason: 'retired', how: 'may' };
  return [
    { do: 'retire', connection: blocked.at, departure },
    { do: 'replace', connection: undefined },
  ];
}

/** Dials during the backoff for a request: now, or as soon as the last dial was long enough ago. */
function hurriesOf({ view, connections, waiting }: Rest): readonly Step[] {
  const { hurry, hurryInMs } = view;
  if (hurry === 'no' || !isDown(connections) || (hurry === 'soon' && waiting === 0)) return [];
  if (hurryInMs === 0) {
    const backingOff = connections.filter(({ state }) => state === 'reconnecting');
    return backingOff.slice(0, 1).map(({ at }) => ({ do: 'hurry', connection: at }));
  }
  return hurry === 'soon' ? [{ do: 'plan again', when: hurryInMs }] : [];
}

/** Keeps the first connection up, or opens it. */
function upkeepOf({ view, connections }: Rest, steps: readonly Step[]): readonly Step[] {
  if (view.upkeep === 'none') return [];
  const first = connections.find(({ at }) => !steps.some((step) => step.do === 'retire' && step.connection === at));
  // A connection that another step opens is kept up as soon as it exists.
  if (first === undefined) return steps.some(opens) ? [] : [{ do: 'open', by: 'upkeep' }];
  const isWanted = first.isResting ? view.upkeep === 'kept' : first.wantedBy === 'upkeep';
  return isWanted ? [] : [{ do: 'wake', connection: first.at, by: 'upkeep' }];
}

function opens(step: Step): boolean {
  return step.do === 'open' || step.do === 'replace';
}
