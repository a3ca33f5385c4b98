import { Observable } from 'rxjs';
import { fromEventObservable } from 'xstate';
import type { ConnectionEvent, LinkRecord } from '../../machines/index.js';
import type { Clock } from '../contract/index.js';

/** What the heartbeat needs of its connection. */
export interface HeartbeatPort {
  readonly clock: Clock;
  readonly healthIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  /**
   * Returns whether requests are in flight. A serial peer would answer a ping after them, and their own deadlines
   * apply.
   */
  isBusy(): boolean;
  /** Returns when the last byte arrived, on the clock. */
  lastByteMs(): number;
  /** Sends a ping, unless one is in flight. */
  ping(): void;
  record(): LinkRecord;
}

/** A timer that fires later than this, in ms, means that this process was blocked: the peer is not to blame. */
const TOLERATED_LAG_MS = 250;

/**
 * Watches whether the peer is alive. Any byte counts, not only a pong. `calm` pings after a quiet interval; `urgent`
 * pings at once, and judges after each timeout.
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
    // `urgent` checks after each timeout; `calm`, when the link was quiet for the interval.
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
        // Unread bytes in the socket are read before the peer is judged.
        port.clock.afterIo(() => {
          if (subscriber.closed) return;
          if (port.lastByteMs() >= sentMs) subscriber.next({ type: 'heartbeat.answered' });
          else if (port.isBusy() || isLagging) return beat();
          else subscriber.next({ type: 'heartbeat.missed', ...port.record() });
          // The event may have ended this actor: the next state has its own.
          if (!subscriber.closed) rest();
        });
      });
    };
    if (pace === 'calm') rest();
    else beat();
    return () => port.clock.clearTimeout(timer);
  });
}
