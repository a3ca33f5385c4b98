import { assign, emit, setup } from 'xstate';
import { backoffDelayMs, nextSeed, restMs } from './backoff.js';
import { reasonOf } from './reason-of.js';
import { unprovided } from './unprovided.js';

/** Describes what a connection is made with. All times are in milliseconds. */
export interface ConnectionInput {
  /** The CI's name. */
  readonly ci: string;
  /** The connection's name in its pool, such as `apollo#1`. */
  readonly connection: string;
  /** The start of the jitter's random sequence: an integer. */
  readonly seed: number;
  /** Longest dial, in ms. */
  readonly connectTimeoutMs: number;
  /** Mean of the first backoff, in ms. */
  readonly reconnectDelayMs: number;
  /** Longest backoff, in ms. */
  readonly maxReconnectDelayMs: number;
  /** Heartbeats missed in a row that make the link dead. */
  readonly maxMissedHeartbeats: number;
  /** Failed requests in a row that make the connection degraded. */
  readonly degradeAfterFailures: number;
  /** Uptime after which a link that has answered is proven: past failures no longer count. */
  readonly provenUptimeMs: number;
}

/** Holds plain data only: the socket belongs to the link actor. */
export interface ConnectionContext extends ConnectionInput {
  /** What wants the link: waiting requests, until it is up; or upkeep, permanently. */
  readonly wantedBy: 'nobody' | 'requests' | 'upkeep';
  /** Failed links in a row since the last proven one. */
  readonly attempt: number;
  /** The current backoff, or the last one. */
  readonly delayMs: number;
  /** Whether the last dial was made for a request, or by upkeep after a delay. */
  readonly dialledFor: 'demand' | 'upkeep';
  /** Heartbeats missed in a row on this link. */
  readonly missedHeartbeats: number;
  /** Requests that failed on this link since the last one that succeeded. */
  readonly failuresInRow: number;
  /** Why the connection is degraded. A heartbeat's answer clears silence only; a successful request clears both. */
  readonly suspicion: 'none' | 'silent' | 'failing';
}

/** Describes what a link achieved, when it ends. */
export interface LinkRecord {
  /** Whether the CI answered anything on it. */
  readonly hasAnswered: boolean;
  /** How long the link was up, in ms; 0 if the dial failed. */
  readonly uptimeMs: number;
}

/**
 * Names when another connection replaces one that closed: at once, at once if requests wait, when one is wanted, or
 * when the supervisor restarts its CI.
 */
export type Successor = 'at_once' | 'if_requests_wait' | 'when_wanted' | 'if_restarted';

/** Lists the events of a connection's machine: from its CI, its link, its heartbeat and its requests. */
export type ConnectionEvent =
  | ({ readonly type: 'wanted' } & Wanted)
  | { readonly type: 'unwanted' }
  | { readonly type: 'hurry' }
  | { readonly type: 'retire'; readonly reason: string; readonly requests: 'under_way' | 'none' }
  | { readonly type: 'requests.over'; readonly reason: string }
  | { readonly type: 'close'; readonly reason: string; readonly successor: Successor }
  | { readonly type: 'link.queued' }
  | { readonly type: 'link.dialling' }
  | { readonly type: 'link.up' }
  | { readonly type: 'link.suspect' }
  | ({
      readonly type: 'link.lost';
      readonly reason: string;
      /** `out_of_step`: the peer sent a frame that no request can have asked for. */
      readonly how: 'down' | 'out_of_step';
      /** Whether the CI is known to answer: on this link, or on others whose order was proved. */
      readonly isPeerKnown: boolean;
    } & LinkRecord)
  | { readonly type: 'heartbeat.answered' }
  | ({ readonly type: 'heartbeat.missed' } & LinkRecord)
  | { readonly type: 'request.failed' }
  | { readonly type: 'request.succeeded' };

/** Announces the entry of a public state. */
export interface StateEntered {
  /** Always `state.entered`. */
  readonly type: 'state.entered';
  /** The state that was entered. */
  readonly state: 'idle' | 'connecting' | 'healthy' | 'degraded' | 'retiring' | 'reconnecting' | 'closed';
  /** Why, for people. */
  readonly reason: string;
  /** Failed links in a row. */
  readonly attempt: number;
  /** The delay before the next dial, in ms; 0 if there is none. */
  readonly delayMs: number;
  /** When another connection replaces it, if the state is `closed`. */
  readonly successor: Successor;
}

type Entry = { readonly state: StateEntered['state']; readonly event: ConnectionEvent };

/** The parts of the connection's chart: its events, actions, guards and delays. */
export const connectionSetup = setup({
  types: {
    input: {} as ConnectionInput,
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    emitted: {} as StateEntered,
    tags: {} as StateEntered['state'],
  },
  actors: {
    link: unprovided<ConnectionEvent, { readonly connection: string }>('link'),
    heartbeat: unprovided<ConnectionEvent, { readonly connection: string; readonly pace: 'calm' | 'urgent' }>(
      'heartbeat',
    ),
  },
  actions: {
    want: assign({ wantedBy: ({ context }, { by }: Wanted) => (context.wantedBy === 'upkeep' ? 'upkeep' : by) }),
    // The waiting requests have their link now.
    satisfyRequests: assign({ wantedBy: ({ context }) => (context.wantedBy === 'upkeep' ? 'upkeep' : 'nobody') }),
    unwant: assign({ wantedBy: 'nobody' }),
    dialForDemand: assign({ dialledFor: 'demand' }),
    dialForUpkeep: assign({ dialledFor: 'upkeep' }),
    forgetFailures: assign({ attempt: 0, delayMs: 0 }),
    forgetDelay: assign({ delayMs: 0 }),
    planUpkeep: assign(({ context }) => ({ delayMs: backoffDelayMs(context, 1), seed: nextSeed(context.seed) })),
    planBackoff: assign(({ context }, record: LinkRecord) => {
      const attempt = isProven(context, record) ? 1 : context.attempt + 1;
      const delayMs = backoffDelayMs(context, attempt, restMs(context, attempt));
      return { attempt, delayMs, seed: nextSeed(context.seed) };
    }),
    suspectSilence: assign(({ context }) => ({
      // Failing requests weigh more: an answered heartbeat must not clear them.
      suspicion: context.suspicion === 'failing' ? ('failing' as const) : ('silent' as const),
      missedHeartbeats: context.missedHeartbeats + 1,
    })),
    suspectFailures: assign({ suspicion: 'failing' }),
    countFailure: assign({ failuresInRow: ({ context }) => context.failuresInRow + 1 }),
    forgetRequestFailures: assign({ failuresInRow: 0 }),
    trust: assign({ suspicion: 'none', missedHeartbeats: 0 }),
    noteAlive: assign({ missedHeartbeats: 0 }),
    announce: emit(
      ({ context }, { state, event }: Entry): StateEntered => ({
        type: 'state.entered',
        state,
        reason: reasonOf(event, state),
        attempt: context.attempt,
        delayMs: state === 'reconnecting' || state === 'idle' ? context.delayMs : 0,
        successor: state === 'closed' ? successorOf(event) : 'when_wanted',
      }),
    ),
  },
  guards: {
    isWanted: ({ context }) => context.wantedBy !== 'nobody',
    isWantedByRequests: ({ context }) => context.wantedBy === 'requests',
    isOutOfStep: (_, { how, isPeerKnown }: Extract<ConnectionEvent, { type: 'link.lost' }>) =>
      how === 'out_of_step' && isPeerKnown,
    hasAnswered: (_, { hasAnswered }: LinkRecord) => hasAnswered,
    hasAnsweredAndIsKeptUp: ({ context }, { hasAnswered }: LinkRecord) => hasAnswered && context.wantedBy === 'upkeep',
    isUnused: (_, { requests }: { readonly requests: 'under_way' | 'none' }) => requests === 'none',
    isOnlySilent: ({ context }) => context.suspicion === 'silent',
    isOutOfHeartbeats: ({ context }) => context.missedHeartbeats + 1 >= context.maxMissedHeartbeats,
    isOutOfFailures: ({ context }) => context.failuresInRow + 1 >= context.degradeAfterFailures,
  },
  delays: {
    connectTimeout: ({ context }) => context.connectTimeoutMs,
    backoff: ({ context }) => context.delayMs,
  },
});

export type Wanted = { readonly by: 'requests' | 'upkeep' };

/** The record of a link that achieved nothing. */
export const nothing: LinkRecord = { hasAnswered: false, uptimeMs: 0 };

function isProven({ provenUptimeMs }: ConnectionInput, { hasAnswered, uptimeMs }: LinkRecord): boolean {
  return hasAnswered && uptimeMs >= provenUptimeMs;
}

function successorOf(event: ConnectionEvent): Successor {
  if (event.type === 'close') return event.successor;
  return event.type === 'link.lost' && event.how === 'out_of_step' ? 'if_requests_wait' : 'when_wanted';
}
