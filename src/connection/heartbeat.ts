import { Observable } from 'rxjs';
import { fromEventObservable } from 'xstate';
import type { ConnectionEvent, LinkRecord } from '../../machines/index.js';
import type { Clock } from '../contract/index.js';

/** What the heartbeat needs of the connection that it watches. */
export interface HeartbeatPort {
  readonly clock: Clock;
  readonly healthIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  /** Requests are outstanding: a ping would queue behind them on a serial peer, and their own deadlines watch. */
  isBusy(): boolean;
  /** When the last byte came, on the clock. */
  lastByteMs(): number;
  /** Sends a ping, unless one is outstanding already. */
  ping(): void;
  record(): LinkRecord;
}

/** A timer that fires this much late, in ms, says that our own event loop was blocked: the peer is not to blame. */
const TOLERATED_LAG_MS = 250;

/**
 * Watches whether the peer is alive. Any byte counts, not only a pong. `calm`: a ping after a quiet interval;
 * `urgent`: a ping at once, and judgement after each timeout.
 */
export function heartbeatLogic(portOf: (connection: string) => HeartbeatPort) {
  return fromEventObservable<ConnectionEvent, { readonly connection: string; readonly pace: 'calm' | 'urgent' }>(
    ({ input }) => heartbeat(portOf(input.connection), input.pace),
  );
}

function heartbeat(port: HeartbeatPort, pace: 'calm' | 'urgent'): Observable<ConnectionEvent> {
  return new Observable((subscriber) => {
    let timer: unknown;
    const wait = (delayMs: number, then: () => void): void => {
      timer = port.clock.setTimeout(then, delayMs, 'background');
    };
    // Urgent looks again after each timeout; calm, when the quiet has lasted for the interval.
    const pause = (quietMs: number): number =>
      pace === 'calm' ? Math.max(port.healthIntervalMs - quietMs, port.heartbeatTimeoutMs) : port.heartbeatTimeoutMs;
    const rest = (): void => {
      const quietMs = port.clock.now() - port.lastByteMs();
      wait(pace === 'calm' ? Math.max(port.healthIntervalMs - quietMs, 1) : port.heartbeatTimeoutMs, beat);
    };
    const beat = (): void => {
      const quietMs = port.clock.now() - port.lastByteMs();
      if (port.isBusy() || (pace === 'calm' && quietMs < port.healthIntervalMs)) wait(pause(quietMs), beat);
      else probe();
    };
    const probe = (): void => {
      const sentMs = port.clock.now();
      port.ping();
      wait(port.heartbeatTimeoutMs, () => {
        const isLagging = port.clock.now() - sentMs > port.heartbeatTimeoutMs + TOLERATED_LAG_MS;
        // What lies unread in the socket is read before the peer is judged.
        port.clock.afterIo(() => {
          if (subscriber.closed) return;
          if (port.lastByteMs() >= sentMs) subscriber.next({ type: 'heartbeat.answered' });
          else if (port.isBusy() || isLagging) return beat();
          else subscriber.next({ type: 'heartbeat.missed', ...port.record() });
          // The event may have ended this actor: a state of its own follows.
          if (!subscriber.closed) rest();
        });
      });
    };
    if (pace === 'calm') rest();
    else beat();
    return () => port.clock.clearTimeout(timer);
  });
}
