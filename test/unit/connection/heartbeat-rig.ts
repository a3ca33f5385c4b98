import { type HeartbeatPort, heartbeatLogic } from '../../../src/connection/heartbeat.js';
import { LaggingClock } from '../../support/lagging-clock.js';
import { hostOf } from './host.js';

export const INTERVAL_MS = 30_000;
export const TIMEOUT_MS = 2_000;

export type Pace = 'calm' | 'urgent';

/** A running heartbeat on a connection; the test is the peer. */
export function watch(pace: Pace, stopOn?: Parameters<typeof hostOf>[2]) {
  const clock = new LaggingClock(5_000);
  // The suspicion came from silence, or from a failure some time ago.
  const lastByteMs = pace === 'calm' ? clock.now() : clock.now() - 1_000;
  const peer = { lastByteMs, isBusy: false, pings: [] as number[], onPing: () => {} };
  const port: HeartbeatPort = {
    clock,
    healthIntervalMs: INTERVAL_MS,
    heartbeatTimeoutMs: TIMEOUT_MS,
    isBusy: () => peer.isBusy,
    lastByteMs: () => peer.lastByteMs,
    ping: () => {
      peer.pings.push(clock.now());
      peer.onPing();
    },
    record: () => ({ hasAnswered: false, uptimeMs: 7 }),
  };
  const host = hostOf(
    heartbeatLogic(() => port),
    { connection: 'apollo#1', pace },
    stopOn,
  );
  host.start();
  const byte = (): void => {
    peer.lastByteMs = clock.now();
  };
  return { clock, peer, host, byte };
}
