import { channel, tracingChannel } from 'node:diagnostics_channel';
import type {
  ConnectionStateMessage,
  Incident,
  IncidentMessage,
  LateReplyMessage,
  Pool,
  RequestContext,
  StateChange,
} from '../contract/index.js';

/**
 * The channels of this library's events. Kept here, because Node forgets a channel without references.
 *
 * An exception of a subscriber reaches no caller: Node reports it as `uncaughtException` in the next tick.
 *
 * @see `docs/monitoring.md`
 */
const requests = tracingChannel<unknown, RequestContext>('choragus:request');
const written = channel('choragus:request:written');
const firstChunk = channel('choragus:request:first_chunk');
const connectionState = channel('choragus:connection:state');
const incidents = channel('choragus:incident');
const lateReplies = channel('choragus:late_reply');

/** The channels of requests. */
export const requestChannels = {
  start: requests.start,
  end: requests.end,
  asyncStart: requests.asyncStart,
  asyncEnd: requests.asyncEnd,
  error: requests.error,
  written,
  firstChunk,
} as const;

const { start, end, asyncStart, asyncEnd, error } = requests;

/** Returns whether anybody subscribes to any channel of requests. If not, a request builds no context. */
export function areRequestsWatched(): boolean {
  return (
    asyncEnd.hasSubscribers ||
    start.hasSubscribers ||
    error.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers ||
    written.hasSubscribers ||
    firstChunk.hasSubscribers
  );
}

/** Publishes a change of a connection's state. */
export function publishState(pool: Pool, change: StateChange): void {
  if (!connectionState.hasSubscribers) return;
  connectionState.publish({ ...change, pool } satisfies ConnectionStateMessage);
}

/** Publishes an incident. */
export function publishIncident(pool: Pool, incident: Incident): void {
  if (incidents.hasSubscribers) incidents.publish({ ...incident, pool } satisfies IncidentMessage);
}

/** Publishes that the answer to an abandoned request was dropped. */
export function publishLateReply(pool: Pool, ci: string, connection: string): void {
  if (!lateReplies.hasSubscribers) return;
  lateReplies.publish({ pool, ci, connection, at: Date.now() } satisfies LateReplyMessage);
}
