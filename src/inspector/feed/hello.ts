import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { connectionMachine, poolMachine } from '../../../machines/index.js';
import { packageVersion } from '../../node/package-version.js';
import { chartOf } from '../chart/chart-of.js';
import type { Hello } from './records.js';

/** The fields of the first record that differ between feeds. */
export type FeedTerms = Pick<Hello, 'pool' | 'incidents' | 'may' | 'requests' | 'cis' | 'watches'>;

/** Another one in each process: tells a restarted service from one that was only out of reach. */
const instance = randomUUID();

/** Returns the first record of a feed. */
export function helloOf(terms: FeedTerms): Hello {
  return {
    t: 'hello',
    version: 2,
    instance,
    choragus: packageVersion(),
    at: Date.now(),
    process: { node: process.version, pid: process.pid, host: hostname() },
    machines: charts(),
    ...terms,
  };
}

let drawn: Hello['machines'] | undefined;

/** Returns the charts. Reads them once, because they never change. */
function charts(): Hello['machines'] {
  drawn ??= { connection: chartOf(connectionMachine), pool: chartOf(poolMachine) };
  return drawn;
}
