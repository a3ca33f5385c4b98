/**
 * Options of a listener whose clients stay: the system probes a silent connection from 60 s on, or an address translator between the two
 * would forget it, and neither end would know.
 */
export const keptAlive = { keepAlive: true, keepAliveInitialDelay: 60_000 } as const;
