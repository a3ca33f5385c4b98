import type { ActorRefFrom } from 'xstate';
import { connectionSetup, nothing, type Wanted } from './connection-setup.js';

const byWhom = ({ event }: { event: Wanted }): Wanted => event;

/**
 * One connection to one CI. It receives what changes a state, never a request or a chunk.
 *
 * The public states are tags, announced on entry. Leaving `linked` closes the socket, because the link actor is invoked
 * there.
 */
export const connectionMachine = connectionSetup.createMachine({
  id: 'connection',
  description:
    'One connection to one agent (CI): it dials when wanted, watches its link, and backs off after a failure.',
  context: ({ input }) => ({
    ...input,
    wantedBy: 'nobody',
    attempt: 0,
    delayMs: 0,
    dialledFor: 'demand',
    missedHeartbeats: 0,
    failuresInRow: 0,
    suspicion: 'none',
  }),
  initial: 'idle',
  on: {
    close: {
      target: '.closed',
      description: 'The CI was removed or quarantined, the pool closes, or an operator closes it.',
    },
    retire: { target: '.closed', description: 'It must take no more requests, and none is in flight.' },
  },
  states: {
    idle: {
      description: 'No socket, and no backoff.',
      tags: ['idle'],
      entry: { type: 'announce', params: ({ event }) => ({ state: 'idle', event }) },
      on: {
        wanted: {
          target: 'linked',
          description: 'A request waits, or warm() was called.',
          actions: [{ type: 'want', params: byWhom }, 'dialForDemand'],
        },
      },
    },
    resting: {
      description:
        'Its link was lost after an answer, and it is kept up: it redials after a delay, or at once for a request.',
      tags: ['idle'],
      entry: { type: 'announce', params: ({ event }) => ({ state: 'idle', event }) },
      on: {
        wanted: {
          target: 'linked',
          description: 'A request waits, and the CI is not known to be down.',
          actions: [{ type: 'want', params: byWhom }, 'dialForDemand'],
        },
      },
      after: {
        backoff: {
          target: 'linked',
          description:
            'The delay is over. It is random, so that clients that lost their links together do not redial together.',
          actions: 'dialForUpkeep',
        },
      },
    },
    linked: {
      description: 'Owns the link: entering dials, and leaving closes the socket, also during the dial.',
      initial: 'connecting',
      invoke: {
        id: 'link',
        src: 'link',
        input: ({ context }) => ({ connection: context.connection }),
        onError: {
          target: 'reconnecting',
          description: 'The link actor itself failed: handled as a lost link.',
          actions: { type: 'planBackoff', params: nothing },
        },
      },
      on: {
        wanted: { description: 'Wanted again while the link is up.', actions: { type: 'want', params: byWhom } },
        'link.lost': [
          {
            guard: { type: 'isOutOfStep', params: ({ event }) => event },
            target: 'closed',
            description: 'A CI that is up sent a line out of step: another connection replaces this one.',
          },
          {
            guard: { type: 'hasAnsweredAndIsKeptUp', params: ({ event }) => event },
            target: 'resting',
            description: 'The link was lost after an answer, and the connection is kept up.',
            actions: ['forgetFailures', 'planUpkeep'],
          },
          {
            guard: { type: 'hasAnswered', params: ({ event }) => event },
            target: 'idle',
            description: 'The link was lost after an answer: the CI is not known to be down.',
            actions: ['unwant', 'forgetFailures'],
          },
          {
            target: 'reconnecting',
            description: 'The dial failed, or the link was lost before it answered.',
            actions: { type: 'planBackoff', params: ({ event }) => event },
          },
        ],
      },
      states: {
        connecting: {
          description: 'Dials, or waits because maxDials dials run already.',
          tags: ['connecting'],
          entry: { type: 'announce', params: ({ event }) => ({ state: 'connecting', event }) },
          initial: 'dialling',
          states: {
            queued: {
              description: 'Waits until the pool allows one more dial.',
              on: { 'link.dialling': { target: 'dialling', description: 'The dial begins; its timeout runs.' } },
            },
            dialling: {
              description: 'Dials, for at most connectTimeoutMs.',
              on: { 'link.queued': { target: 'queued', description: 'maxDials dials run already.' } },
              after: {
                connectTimeout: {
                  target: '#connection.reconnecting',
                  description: 'The peer did not accept the connection in time.',
                  actions: { type: 'planBackoff', params: nothing },
                },
              },
            },
          },
          on: {
            'link.up': {
              target: 'healthy',
              description: 'The socket is up, with TLS if it is used.',
              actions: ['trust', 'forgetRequestFailures', 'satisfyRequests'],
            },
          },
        },
        healthy: {
          description: 'The link is up, and nothing is wrong with it.',
          tags: ['healthy'],
          entry: { type: 'announce', params: ({ event }) => ({ state: 'healthy', event }) },
          invoke: {
            id: 'heartbeat',
            src: 'heartbeat',
            input: ({ context }) => ({ connection: context.connection, pace: 'calm' }),
            onError: {
              target: 'degraded',
              description: 'The heartbeat actor itself failed: the link is not watched, so it is suspect.',
              actions: 'suspectSilence',
            },
          },
          on: {
            'heartbeat.missed': [
              {
                guard: 'isOutOfHeartbeats',
                target: '#connection.reconnecting',
                description: 'maxMissedHeartbeats is 1: the link is dead.',
                actions: { type: 'planBackoff', params: ({ event }) => event },
              },
              {
                target: 'degraded',
                description: 'No byte arrived within heartbeatTimeoutMs after a ping.',
                actions: 'suspectSilence',
              },
            ],
            'link.suspect': {
              target: 'degraded',
              description: 'The wire reports that the peer is not ready.',
              actions: 'suspectFailures',
            },
            'request.failed': [
              {
                guard: 'isOutOfFailures',
                target: 'degraded',
                description: 'degradeAfterFailures requests failed in a row: the CI may be alive, but is not ready.',
                actions: ['countFailure', 'suspectFailures'],
              },
              { description: 'One more request failed; fewer than degradeAfterFailures.', actions: 'countFailure' },
            ],
            'request.succeeded': {
              description: 'A request succeeded after others had failed.',
              actions: 'forgetRequestFailures',
            },
            retire: [
              {
                guard: { type: 'isUnused', params: ({ event }) => event },
                target: '#connection.closed',
                description: 'It must take no more requests, and none is in flight.',
              },
              {
                target: 'retiring',
                description: 'It must take no more requests; those in flight may finish.',
              },
            ],
          },
        },
        degraded: {
          description: 'The link is up and in use, but suspect: requests prefer another connection of the CI.',
          tags: ['degraded'],
          entry: { type: 'announce', params: ({ event }) => ({ state: 'degraded', event }) },
          invoke: {
            id: 'heartbeat',
            src: 'heartbeat',
            input: ({ context }) => ({ connection: context.connection, pace: 'urgent' }),
            onError: {
              target: '#connection.reconnecting',
              description: 'The heartbeat actor failed on a suspect link: dial again.',
              actions: { type: 'planBackoff', params: nothing },
            },
          },
          on: {
            'link.suspect': { description: 'The wire reports it, too.', actions: 'suspectFailures' },
            'request.failed': [
              {
                guard: 'isOutOfFailures',
                description: 'It was silent, and now its requests fail, too.',
                actions: ['countFailure', 'suspectFailures'],
              },
              { description: 'One more request failed; fewer than degradeAfterFailures.', actions: 'countFailure' },
            ],
            'request.succeeded': {
              target: 'healthy',
              description: 'A request succeeded: the CI is alive and ready.',
              actions: ['trust', 'forgetRequestFailures'],
            },
            'heartbeat.answered': [
              {
                guard: 'isOnlySilent',
                target: 'healthy',
                description: 'It was only silent, and answers again.',
                actions: 'trust',
              },
              {
                description: 'Its requests fail: a pong does not clear that.',
                actions: 'noteAlive',
              },
            ],
            'heartbeat.missed': [
              {
                guard: 'isOutOfHeartbeats',
                target: '#connection.reconnecting',
                description: 'maxMissedHeartbeats heartbeats were missed in a row: the link is dead.',
                actions: { type: 'planBackoff', params: ({ event }) => event },
              },
              { description: 'One more heartbeat missed; fewer than maxMissedHeartbeats.', actions: 'suspectSilence' },
            ],
            retire: [
              {
                guard: { type: 'isUnused', params: ({ event }) => event },
                target: '#connection.closed',
                description: 'It must take no more requests, and none is in flight.',
              },
              {
                target: 'retiring',
                description: 'It must take no more requests; those in flight may finish.',
              },
            ],
          },
        },
        retiring: {
          description:
            'Takes no more requests, and closes when those in flight have ended. Their deadlines watch the link.',
          tags: ['retiring'],
          entry: { type: 'announce', params: ({ event }) => ({ state: 'retiring', event }) },
          on: {
            'requests.over': { target: '#connection.closed', description: 'The last request has ended.' },
            'link.lost': {
              target: '#connection.closed',
              description: 'The link was lost: the connection is not needed any more.',
            },
            'xstate.error.actor.link': { target: '#connection.closed', description: 'The link actor itself failed.' },
            retire: { description: 'It is retiring already.' },
          },
        },
      },
    },
    reconnecting: {
      description: 'Waits for the end of the backoff (exponential, with full jitter, also before the first redial).',
      tags: ['reconnecting'],
      entry: { type: 'announce', params: ({ event }) => ({ state: 'reconnecting', event }) },
      on: {
        wanted: {
          description: 'Wanted: redial when the backoff is over.',
          actions: { type: 'want', params: byWhom },
        },
        unwanted: { guard: 'isWantedByRequests', description: 'No request waits for it any more.', actions: 'unwant' },
        hurry: {
          target: 'linked',
          description: 'A request came, and the last dial began at least a second ago: the CI may be back.',
          actions: 'dialForDemand',
        },
      },
      after: {
        backoff: [
          {
            guard: 'isWanted',
            target: 'linked',
            description: 'The backoff is over: redial.',
            actions: 'dialForUpkeep',
          },
          {
            target: 'idle',
            description:
              'The backoff is over, and the connection is not wanted. Past failures still count at the next dial.',
            actions: 'forgetDelay',
          },
        ],
      },
    },
    closed: {
      description: 'Final: no socket and no timer.',
      tags: ['closed'],
      entry: { type: 'announce', params: ({ event }) => ({ state: 'closed', event }) },
      type: 'final',
    },
  },
});

/** Names a running connection. */
export type ConnectionActor = ActorRefFrom<typeof connectionMachine>;
