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
  degradeAfterFailures: 2,
  provenUptimeMs: 10_000,
};

const useful = { hasAnswered: true, uptimeMs: 9_999 };
const proven = { hasAnswered: true, uptimeMs: 10_000 };
const unproven = { hasAnswered: false, uptimeMs: 60_000 };
const down = { type: 'link.lost', reason: 'gone', how: 'down', isPeerKnown: false } as const;
const outOfStep = { type: 'link.lost', reason: 'protocol_error', how: 'out_of_step' } as const;

/** One of each relevant event, under a name that says what is special about it. */
export const events = {
  wanted: { type: 'wanted', by: 'requests' },
  'kept up': { type: 'wanted', by: 'upkeep' },
  hurry: { type: 'hurry' },
  unwanted: { type: 'unwanted' },
  close: { type: 'close', reason: 'closed', successor: 'when_wanted' },
  'close, replaced': { type: 'close', reason: 'by_hand', successor: 'at_once' },
  'retire, busy': { type: 'retire', reason: 'retired', requests: 'under_way' },
  'retire, unused': { type: 'retire', reason: 'retired', requests: 'none' },
  'requests over': { type: 'requests.over', reason: 'used_once' },
  queued: { type: 'link.queued' },
  dialling: { type: 'link.dialling' },
  up: { type: 'link.up' },
  suspect: { type: 'link.suspect' },
  'lost, proven': { ...down, isPeerKnown: true, ...proven },
  'lost, useful': { ...down, isPeerKnown: true, ...useful },
  'lost, unproven': { ...down, ...unproven },
  'out of step, known': { ...outOfStep, isPeerKnown: true, ...useful },
  'out of step, unknown': { ...outOfStep, isPeerKnown: false, ...unproven },
  answered: { type: 'heartbeat.answered' },
  missed: { type: 'heartbeat.missed', ...unproven },
  'missed, proven': { type: 'heartbeat.missed', ...proven },
  failing: { type: 'request.failed' },
  succeeding: { type: 'request.succeeded' },
  'connect timeout': { type: 'xstate.after.connectTimeout.connection.linked.connecting.dialling' },
  'backoff over': { type: 'xstate.after.backoff.connection.reconnecting' },
  'rest over': { type: 'xstate.after.backoff.connection.resting' },
  'link actor failed': { type: 'xstate.error.actor.link', error: new Error('a bug'), actorId: 'link' },
  'heartbeat actor failed': { type: 'xstate.error.actor.heartbeat', error: new Error('a bug'), actorId: 'heartbeat' },
} as const satisfies Record<string, ConnectionEvent | XstateEvent>;

export type EventName = keyof typeof events;

/** Returns the step of the last of these events, from the initial state. */
export function reach(...names: readonly EventName[]): Step<typeof connectionMachine> {
  return reachWith({}, names);
}

/** The same, for a connection with other limits. */
export function reachWith(
  limits: Partial<ConnectionInput>,
  names: readonly EventName[],
): Step<typeof connectionMachine> {
  return names.reduce(
    (at, name) => step(connectionMachine, at.snapshot, events[name]),
    begin(connectionMachine, { ...input, ...limits }) as Step<typeof connectionMachine>,
  );
}

/** A situation: the events that lead there, and the outcome of each event that is not ignored. */
export interface Situation {
  readonly path: readonly EventName[];
  /** Limits other than those of `input`. */
  readonly limits?: Partial<ConnectionInput>;
  /** Dotted state. */
  readonly state: string;
  readonly tags: readonly string[];
  /** `target` or `target: reason announced`; a target alone means that nothing is announced. */
  readonly on: Partial<Record<EventName, string>>;
  /** What the events leave in the context, if that matters. */
  readonly leaves?: Partial<Record<EventName, Partial<ConnectionContext>>>;
}

const close = { close: 'closed: closed', 'close, replaced': 'closed: by_hand' };
const retire = { 'retire, busy': 'closed: retired', 'retire, unused': 'closed: retired' };
const retireLinked = { 'retire, busy': 'linked.retiring: retired', 'retire, unused': 'closed: retired' };
const lost = {
  'lost, proven': 'idle: gone',
  'lost, useful': 'idle: gone',
  'lost, unproven': 'reconnecting: gone',
  'out of step, known': 'closed: out_of_step',
  'out of step, unknown': 'reconnecting: protocol_error',
  'link actor failed': 'reconnecting: link_failed',
} as const;
const lostKeptUp = { ...lost, 'lost, proven': 'resting: gone', 'lost, useful': 'resting: gone' } as const;
const lostLeaves = {
  'lost, proven': { attempt: 0, delayMs: 0, wantedBy: 'nobody' },
  'lost, useful': { attempt: 0, delayMs: 0, wantedBy: 'nobody' },
  'lost, unproven': { attempt: 1 },
  'out of step, unknown': { attempt: 1 },
  'link actor failed': { attempt: 1 },
} as const;

const queued = 'linked.connecting.queued';
const dialling = 'linked.connecting.dialling';
const healthy = 'linked.healthy';
const degraded = 'linked.degraded';
const retiring = 'linked.retiring';
const toHealthy: readonly EventName[] = ['wanted', 'up'];
const toKeptUp: readonly EventName[] = ['kept up', 'up'];
const resting: readonly EventName[] = [...toKeptUp, 'lost, useful'];

/** What happens to a connection that is degraded because requests fail. */
const whileFailing = {
  ...close,
  ...retireLinked,
  ...lost,
  wanted: degraded,
  'kept up': degraded,
  succeeding: `${healthy}: requests_succeeding`,
  answered: degraded,
  missed: degraded,
  'missed, proven': degraded,
  failing: degraded,
  suspect: degraded,
  'heartbeat actor failed': 'reconnecting: heartbeat_failed',
};

/** Every situation of a connection that differs from the others in the effect of an event. */
export const situations: Readonly<Record<string, Situation>> = {
  idle: {
    path: [],
    state: 'idle',
    tags: ['idle'],
    on: { ...close, ...retire, wanted: `${dialling}: wanted`, 'kept up': `${dialling}: wanted` },
    leaves: {
      wanted: { wantedBy: 'requests', dialledFor: 'demand' },
      'kept up': { wantedBy: 'upkeep', dialledFor: 'demand' },
    },
  },
  resting: {
    path: [...resting, 'rest over', 'up', 'lost, useful'],
    state: 'resting',
    tags: ['idle'],
    on: {
      ...close,
      ...retire,
      wanted: `${dialling}: wanted`,
      'kept up': `${dialling}: wanted`,
      'rest over': `${dialling}: kept_up`,
    },
    leaves: {
      wanted: { attempt: 0, wantedBy: 'upkeep', dialledFor: 'demand' },
      'rest over': { attempt: 0, wantedBy: 'upkeep', dialledFor: 'upkeep' },
    },
  },
  queued: {
    path: ['wanted', 'queued'],
    state: queued,
    tags: ['connecting'],
    on: { ...close, ...retire, ...lost, wanted: queued, 'kept up': queued, dialling, up: `${healthy}: link_up` },
    leaves: lostLeaves,
  },
  dialling: {
    path: ['wanted'],
    state: dialling,
    tags: ['connecting'],
    on: {
      ...close,
      ...retire,
      ...lost,
      wanted: dialling,
      'kept up': dialling,
      queued,
      up: `${healthy}: link_up`,
      'connect timeout': 'reconnecting: connect_timeout',
    },
    leaves: {
      ...lostLeaves,
      up: { wantedBy: 'nobody', failuresInRow: 0 },
      'kept up': { wantedBy: 'upkeep' },
      'lost, unproven': { attempt: 1, wantedBy: 'requests' },
      'connect timeout': { attempt: 1, wantedBy: 'requests' },
    },
  },
  'dialling, kept up': {
    path: ['kept up'],
    state: dialling,
    tags: ['connecting'],
    on: {
      ...close,
      ...retire,
      ...lostKeptUp,
      wanted: dialling,
      'kept up': dialling,
      queued,
      up: `${healthy}: link_up`,
      'connect timeout': 'reconnecting: connect_timeout',
    },
    leaves: {
      wanted: { wantedBy: 'upkeep' },
      up: { wantedBy: 'upkeep' },
      'lost, unproven': { attempt: 1, wantedBy: 'upkeep' },
    },
  },
  healthy: {
    path: toHealthy,
    state: healthy,
    tags: ['healthy'],
    on: {
      ...close,
      ...retireLinked,
      ...lost,
      wanted: healthy,
      'kept up': healthy,
      missed: `${degraded}: heartbeat_missed`,
      'missed, proven': `${degraded}: heartbeat_missed`,
      failing: healthy,
      succeeding: healthy,
      suspect: `${degraded}: requests_failing`,
      'heartbeat actor failed': `${degraded}: heartbeat_failed`,
    },
    leaves: {
      ...lostLeaves,
      missed: { suspicion: 'silent', missedHeartbeats: 1 },
      failing: { suspicion: 'none', failuresInRow: 1 },
      suspect: { suspicion: 'failing' },
      'heartbeat actor failed': { suspicion: 'silent' },
    },
  },
  'healthy, with one failure left': {
    path: [...toHealthy, 'failing'],
    state: healthy,
    tags: ['healthy'],
    on: {
      ...close,
      ...retireLinked,
      ...lost,
      wanted: healthy,
      'kept up': healthy,
      missed: `${degraded}: heartbeat_missed`,
      'missed, proven': `${degraded}: heartbeat_missed`,
      failing: `${degraded}: requests_failing`,
      succeeding: healthy,
      suspect: `${degraded}: requests_failing`,
      'heartbeat actor failed': `${degraded}: heartbeat_failed`,
    },
    leaves: { failing: { suspicion: 'failing', failuresInRow: 2 }, succeeding: { failuresInRow: 0 } },
  },
  'healthy, kept up, with no heartbeat to miss': {
    path: toKeptUp,
    limits: { maxMissedHeartbeats: 1 },
    state: healthy,
    tags: ['healthy'],
    on: {
      ...close,
      ...retireLinked,
      ...lostKeptUp,
      wanted: healthy,
      'kept up': healthy,
      missed: 'reconnecting: heartbeat_missed',
      'missed, proven': 'reconnecting: heartbeat_missed',
      failing: healthy,
      succeeding: healthy,
      suspect: `${degraded}: requests_failing`,
      'heartbeat actor failed': `${degraded}: heartbeat_failed`,
    },
    leaves: {
      'lost, useful': { attempt: 0, wantedBy: 'upkeep' },
      missed: { attempt: 1, wantedBy: 'upkeep' },
      'missed, proven': { attempt: 1, wantedBy: 'upkeep' },
    },
  },
  'degraded, since it is silent': {
    path: [...toHealthy, 'missed'],
    state: degraded,
    tags: ['degraded'],
    on: { ...whileFailing, answered: `${healthy}: heartbeat_answered` },
    leaves: {
      ...lostLeaves,
      failing: { suspicion: 'silent', missedHeartbeats: 1, failuresInRow: 1 },
      suspect: { suspicion: 'failing', missedHeartbeats: 1 },
      succeeding: { suspicion: 'none', missedHeartbeats: 0 },
      answered: { suspicion: 'none', missedHeartbeats: 0 },
      missed: { suspicion: 'silent', missedHeartbeats: 2 },
    },
  },
  'degraded, since it is silent, with one failure left': {
    path: [...toHealthy, 'failing', 'missed'],
    state: degraded,
    tags: ['degraded'],
    on: { ...whileFailing, answered: `${healthy}: heartbeat_answered` },
    leaves: { failing: { suspicion: 'failing', failuresInRow: 2 }, succeeding: { failuresInRow: 0 } },
  },
  'degraded, with one heartbeat left': {
    path: [...toHealthy, 'missed', 'missed'],
    state: degraded,
    tags: ['degraded'],
    on: {
      ...whileFailing,
      answered: `${healthy}: heartbeat_answered`,
      missed: 'reconnecting: heartbeat_missed',
      'missed, proven': 'reconnecting: heartbeat_missed',
    },
    leaves: { ...lostLeaves, missed: { attempt: 1, wantedBy: 'nobody' }, 'missed, proven': { attempt: 1 } },
  },
  'degraded, since requests fail': {
    path: [...toHealthy, 'failing', 'failing'],
    state: degraded,
    tags: ['degraded'],
    on: whileFailing,
    leaves: {
      ...lostLeaves,
      answered: { suspicion: 'failing', missedHeartbeats: 0 },
      missed: { suspicion: 'failing', missedHeartbeats: 1 },
    },
  },
  'degraded, since requests fail, and a heartbeat was missed': {
    path: [...toHealthy, 'failing', 'failing', 'missed'],
    state: degraded,
    tags: ['degraded'],
    on: whileFailing,
    leaves: {
      ...lostLeaves,
      succeeding: { suspicion: 'none', missedHeartbeats: 0, failuresInRow: 0 },
      // Alive again: only misses in a row count, and requests are still failing.
      answered: { suspicion: 'failing', missedHeartbeats: 0 },
      missed: { suspicion: 'failing', missedHeartbeats: 2 },
    },
  },
  retiring: {
    path: [...toHealthy, 'retire, busy'],
    state: retiring,
    tags: ['retiring'],
    on: {
      ...close,
      wanted: retiring,
      'kept up': retiring,
      'requests over': 'closed: used_once',
      'lost, proven': 'closed: gone',
      'lost, useful': 'closed: gone',
      'lost, unproven': 'closed: gone',
      'out of step, known': 'closed: out_of_step',
      'out of step, unknown': 'closed: out_of_step',
      'link actor failed': 'closed: link_failed',
    },
  },
  'reconnecting, wanted': {
    path: ['wanted', 'lost, unproven'],
    state: 'reconnecting',
    tags: ['reconnecting'],
    on: {
      ...close,
      ...retire,
      wanted: 'reconnecting',
      'kept up': 'reconnecting',
      hurry: `${dialling}: asked_for`,
      unwanted: 'reconnecting',
      'backoff over': `${dialling}: backoff_over`,
    },
    leaves: {
      hurry: { attempt: 1, wantedBy: 'requests', dialledFor: 'demand' },
      unwanted: { wantedBy: 'nobody', attempt: 1 },
      'kept up': { wantedBy: 'upkeep' },
      'backoff over': { attempt: 1, dialledFor: 'upkeep' },
    },
  },
  'reconnecting, kept up': {
    path: [...resting, 'rest over', 'lost, unproven'],
    state: 'reconnecting',
    tags: ['reconnecting'],
    on: {
      ...close,
      ...retire,
      wanted: 'reconnecting',
      'kept up': 'reconnecting',
      hurry: `${dialling}: asked_for`,
      'backoff over': `${dialling}: backoff_over`,
    },
    leaves: { wanted: { wantedBy: 'upkeep' }, unwanted: { wantedBy: 'upkeep' } },
  },
  'reconnecting, unwanted': {
    path: ['wanted', 'lost, unproven', 'unwanted'],
    state: 'reconnecting',
    tags: ['reconnecting'],
    on: {
      ...close,
      ...retire,
      wanted: 'reconnecting',
      'kept up': 'reconnecting',
      hurry: `${dialling}: asked_for`,
      'backoff over': 'idle: unwanted',
    },
    leaves: {
      wanted: { wantedBy: 'requests' },
      hurry: { attempt: 1, wantedBy: 'nobody', dialledFor: 'demand' },
      'backoff over': { wantedBy: 'nobody', attempt: 1, delayMs: 0 },
    },
  },
  closed: { path: ['close'], state: 'closed', tags: ['closed'], on: {} },
};
