import net from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Options of a listener with long-lived connections: the system probes a connection that is silent for 60 s. Otherwise a NAT between client
 * and server could drop the connection without a notice to either.
 */
export const keptAlive = { keepAlive: true, keepAliveInitialDelay: 60_000 } as const;

/** Interval of probes to a client that has ended its sending side, in ms. */
const PROBE_MS = 5_000;

/**
 * Makes the system probe a client that has ended its sending side. A client that waits for answers looks like one that has gone. Only
 * the system of the second answers a probe with a reset: on Linux after a minute (`tcp_fin_timeout`).
 */
export function probeHalfOpen(client: Duplex): void {
  if (client instanceof net.Socket) client.setKeepAlive(true, PROBE_MS);
}
