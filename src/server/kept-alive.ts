import net from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Options of a listener whose clients stay: the system probes a silent connection from 60 s on, or an address translator between the two
 * would forget it, and neither end would know.
 */
export const keptAlive = { keepAlive: true, keepAliveInitialDelay: 60_000 } as const;

/** How often the system asks after a client that has ended its side, in ms. */
const PROBE_MS = 5_000;

/**
 * Has the system ask after a client that has ended its side. One that waits for its answers and one that has gone look alike, and only the
 * second one's system will say, after a minute on Linux (`tcp_fin_timeout`), that it knows nothing of the connection any more.
 */
export function probeHalfOpen(client: Duplex): void {
  if (client instanceof net.Socket) client.setKeepAlive(true, PROBE_MS);
}
