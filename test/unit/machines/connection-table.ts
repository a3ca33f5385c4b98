import {
  type ConnectionContext,
  type ConnectionEvent,
  type ConnectionInput,
  connectionMachine,
} from '../../../machines/index.js';
import { begin, type Step, step, type XstateEvent } from './step.js';

export const input: ConnectionInput = {
  ci: 'apollo',
  connection: 'apollo#1',
  seed: 1,
  connectTimeoutMs: 2_000,
  reconnectDelayMs: 5_000,
  maxReconnectDelayMs: 60_000,
  maxMissedHeartbeats: 3,
};

/** One of each event that can matter, by a name that says what is special about it. */
export const events = {
  connect: { type: 'connect' },
  hurry: { type: 'hurry' },
  release: { type: 'release' },
  close: { type: 'close', reason: 'retired' },
  queued: { type: 'link.queued' },
  dialling: { type: 'link.dialling' },
  up: { type: 'link.up' },
  'lost, proven, wanted': { type: 'link.lost', reason: 'gone', record: 'proven', demand: 'wanted' },
  'lost, proven, unwanted': { type: 'link.lost', reason: 'gone', record: 'proven', demand: 'unwanted' },
  'lost, useful, wanted': { type: 'link.lost', reason: 'gone', record: 'useful', demand: 'wanted' },
  'lost, useful, unwanted': { type: 'link.lost', reason: 'gone', record: 'useful', demand: 'unwanted' },
  'lost, unproven, wanted': { type: 'link.lost', reason: 'gone', record: 'unproven', demand: 'wanted' },
  'lost, unproven, unwanted': { type: 'link.lost', reason: 'gone', record: 'unproven', demand: 'unwanted' },
  answered: { type: 'heartbeat.answered' },
  missed: { type: 'heartbeat.missed', record: 'unproven', demand: 'wanted' },
  'missed, proven, unwanted': { type: 'heartbeat.missed', record: 'proven', demand: 'unwanted' },
  failing: { type: 'requests.failing' },
  succeeding: { type: 'requests.succeeding' },
  'connect timeout': { type: 'xstate.after.connectTimeout.connection.linked.connecting.dialling' },
  'backoff over': { type: 'xstate.after.backoff.connection.reconnecting' },
  'rest over': { type: 'xstate.after.backoff.connection.resting' },
  'link actor failed': { type: 'xstate.error.actor.link', error: new Error('a bug'), actorId: 'link' },
  'heartbeat actor failed': { type: 'xstate.error.actor.heartbeat', error: new Error('a bug'), actorId: 'heartbeat' },
} as const satisfies Record<string, ConnectionEvent | XstateEvent>;

export type EventName = keyof typeof events;

/** The step of the last of these events, from the beginning. */
export function reach(...names: readonly EventName[]): Step<typeof connectionMachine> {
  return reachWith({}, names);
}

/** The same, of a connection that was made with other limits. */
export function reachWith(
  limits: Partial<ConnectionInput>,
  names: readonly EventName[],
): Step<typeof connectionMachine> {
  return names.reduce(
    (at, name) => step(connectionMachine, at.snapshot, events[name]),
    begin(connectionMachine, { ...input, ...limits }) as Step<typeof connectionMachine>,
  );
}

/** A situation: the events that lead there, and for each event that is not ignored where it leads. */
export interface Situation {
  readonly path: readonly EventName[];
  /** Limits other than those of `input`. */
  readonly limits?: Partial<ConnectionInput>;
  /** Dotted state. */
  readonly state: string;
  readonly tags: readonly string[];
  /** `target` or `target: reason announced`; a target alone says that nothing is announced. */
  readonly on: Partial<Record<EventName, string>>;
  /** What the events leave in the context, where that is the point. */
  readonly leaves?: Partial<Record<EventName, Partial<ConnectionContext>>>;
}

const close = { close: 'closed: retired' };
const lost = {
  'lost, proven, wanted': 'resting: gone',
  'lost, proven, unwanted': 'idle: gone',
  'lost, useful, wanted': 'resting: gone',
  'lost, useful, unwanted': 'idle: gone',
  'lost, unproven, wanted': 'reconnecting: gone',
  'lost, unproven, unwanted': 'reconnecting: gone',
  'link actor failed': 'reconnecting: link_failed',
} as const;
const lostLeaves = {
  'lost, proven, wanted': { attempt: 0, demand: 'wanted' },
  'lost, proven, unwanted': { attempt: 0, delayMs: 0, demand: 'unwanted' },
  'lost, useful, wanted': { attempt: 0, demand: 'wanted' },
  'lost, useful, unwanted': { attempt: 0, delayMs: 0, demand: 'unwanted' },
  'lost, unproven, wanted': { attempt: 1, demand: 'wanted' },
  'lost, unproven, unwanted': { attempt: 1, demand: 'unwanted' },
  'link actor failed': { attempt: 1, demand: 'wanted' },
} as const;

const queued = 'linked.connecting.queued';
const dialling = 'linked.connecting.dialling';
const healthy = 'linked.healthy';
const degraded = 'linked.degraded';
const toHealthy: readonly EventName[] = ['connect', 'up'];
const resting: readonly EventName[] = [...toHealthy, 'lost, useful, wanted'];

/** What happens to a connection that is degraded since requests fail. */
const whileFailing = {
  ...close,
  ...lost,
  connect: degraded,
  succeeding: `${healthy}: requests_succeeding`,
  answered: degraded,
  missed: degraded,
  'missed, proven, unwanted': degraded,
  failing: degraded,
  'heartbeat actor failed': 'reconnecting: heartbeat_failed',
};

/** Every situation of a connection that differs from the others in what an event does. */
export const situations: Readonly<Record<string, Situation>> = {
  idle: {
    path: [],
    state: 'idle',
    tags: ['idle'],
    on: { ...close, connect: `${dialling}: wanted` },
    leaves: { connect: { demand: 'wanted', dialledFor: 'demand' } },
  },
  resting: {
    path: [...resting, 'rest over', 'up', 'lost, useful, wanted'],
    state: 'resting',
    tags: ['idle'],
    on: { ...close, connect: `${dialling}: wanted`, 'rest over': `${dialling}: kept_up` },
    leaves: {
      connect: { attempt: 0, demand: 'wanted', dialledFor: 'demand' },
      'rest over': { attempt: 0, demand: 'wanted', dialledFor: 'upkeep' },
    },
  },
  queued: {
    path: ['connect', 'queued'],
    state: queued,
    tags: ['connecting'],
    on: { ...close, ...lost, connect: queued, dialling, up: `${healthy}: link_up` },
    leaves: lostLeaves,
  },
  dialling: {
    path: ['connect'],
    state: dialling,
    tags: ['connecting'],
    on: {
      ...close,
      ...lost,
      connect: dialling,
      queued,
      up: `${healthy}: link_up`,
      'connect timeout': 'reconnecting: connect_timeout',
    },
    leaves: { ...lostLeaves, 'connect timeout': { attempt: 1, demand: 'wanted' } },
  },
  healthy: {
    path: toHealthy,
    state: healthy,
    tags: ['accepting', 'healthy'],
    on: {
      ...close,
      ...lost,
      connect: healthy,
      missed: `${degraded}: heartbeat_missed`,
      'missed, proven, unwanted': `${degraded}: heartbeat_missed`,
      failing: `${degraded}: requests_failing`,
      'heartbeat actor failed': `${degraded}: heartbeat_failed`,
    },
    leaves: {
      ...lostLeaves,
      missed: { suspicion: 'silent', missedHeartbeats: 1 },
      failing: { suspicion: 'failing', missedHeartbeats: 0 },
      'heartbeat actor failed': { suspicion: 'silent' },
    },
  },
  'healthy, with no heartbeat to miss': {
    path: toHealthy,
    limits: { maxMissedHeartbeats: 1 },
    state: healthy,
    tags: ['accepting', 'healthy'],
    on: {
      ...close,
      ...lost,
      connect: healthy,
      missed: 'reconnecting: heartbeat_missed',
      'missed, proven, unwanted': 'reconnecting: heartbeat_missed',
      failing: `${degraded}: requests_failing`,
      'heartbeat actor failed': `${degraded}: heartbeat_failed`,
    },
    leaves: {
      missed: { attempt: 1, demand: 'wanted' },
      'missed, proven, unwanted': { attempt: 1, demand: 'unwanted' },
    },
  },
  'degraded, since it is silent': {
    path: [...toHealthy, 'missed'],
    state: degraded,
    tags: ['accepting', 'degraded'],
    on: {
      ...close,
      ...lost,
      connect: degraded,
      succeeding: `${healthy}: requests_succeeding`,
      answered: `${healthy}: heartbeat_answered`,
      missed: degraded,
      'missed, proven, unwanted': degraded,
      failing: degraded,
      'heartbeat actor failed': 'reconnecting: heartbeat_failed',
    },
    leaves: {
      ...lostLeaves,
      failing: { suspicion: 'failing', missedHeartbeats: 1 },
      succeeding: { suspicion: 'none', missedHeartbeats: 0 },
      answered: { suspicion: 'none', missedHeartbeats: 0 },
      missed: { suspicion: 'silent', missedHeartbeats: 2 },
    },
  },
  'degraded, with one heartbeat left': {
    path: [...toHealthy, 'missed', 'missed'],
    state: degraded,
    tags: ['accepting', 'degraded'],
    on: {
      ...close,
      ...lost,
      connect: degraded,
      succeeding: `${healthy}: requests_succeeding`,
      answered: `${healthy}: heartbeat_answered`,
      missed: 'reconnecting: heartbeat_missed',
      'missed, proven, unwanted': 'reconnecting: heartbeat_missed',
      failing: degraded,
      'heartbeat actor failed': 'reconnecting: heartbeat_failed',
    },
    leaves: {
      ...lostLeaves,
      missed: { attempt: 1, demand: 'wanted' },
      'missed, proven, unwanted': { attempt: 1, demand: 'unwanted' },
    },
  },
  'degraded, since requests fail': {
    path: [...toHealthy, 'failing'],
    state: degraded,
    tags: ['accepting', 'degraded'],
    on: whileFailing,
    leaves: {
      ...lostLeaves,
      answered: { suspicion: 'failing', missedHeartbeats: 0 },
      missed: { suspicion: 'failing', missedHeartbeats: 1 },
    },
  },
  'degraded, since requests fail, and a heartbeat was missed': {
    path: [...toHealthy, 'failing', 'missed'],
    state: degraded,
    tags: ['accepting', 'degraded'],
    on: whileFailing,
    leaves: {
      ...lostLeaves,
      succeeding: { suspicion: 'none', missedHeartbeats: 0 },
      // Alive again, so that only misses in a row count; and still failing.
      answered: { suspicion: 'failing', missedHeartbeats: 0 },
      missed: { suspicion: 'failing', missedHeartbeats: 2 },
    },
  },
  'reconnecting, wanted': {
    path: [...resting, 'rest over', 'lost, unproven, wanted'],
    state: 'reconnecting',
    tags: ['reconnecting'],
    on: {
      ...close,
      connect: 'reconnecting',
      hurry: `${dialling}: asked_for`,
      release: 'reconnecting',
      'backoff over': `${dialling}: backoff_over`,
    },
    leaves: {
      hurry: { attempt: 1, demand: 'wanted', dialledFor: 'demand' },
      release: { demand: 'unwanted', attempt: 1 },
      'backoff over': { attempt: 1, dialledFor: 'upkeep' },
    },
  },
  'reconnecting, unwanted': {
    path: ['connect', 'lost, unproven, unwanted'],
    state: 'reconnecting',
    tags: ['reconnecting'],
    on: {
      ...close,
      connect: 'reconnecting',
      hurry: `${dialling}: asked_for`,
      release: 'reconnecting',
      'backoff over': 'idle: unwanted',
    },
    leaves: {
      connect: { demand: 'wanted' },
      hurry: { attempt: 1, demand: 'unwanted', dialledFor: 'demand' },
      'backoff over': { demand: 'unwanted', attempt: 1, delayMs: 0 },
    },
  },
  closed: { path: ['close'], state: 'closed', tags: ['closed'], on: {} },
};
