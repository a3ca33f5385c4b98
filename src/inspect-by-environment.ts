import type { Pool } from './contract/index.js';
import { ChoragusError } from './errors/index.js';

/**
 * Starts the inspector of a pool where the variable `CHORAGUS_INSPECT` names a port, and says on standard error where it is. Loaded only
 * then. A port that is taken, by another process of the same service, is told of, and harms nobody.
 *
 * @throws ChoragusError `invalid_config` for what is no port
 */
export function inspectByEnvironment(pool: Pool, port: string | undefined): void {
  if (port === undefined || port === '') return;
  if (!(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    const message = 'CHORAGUS_INSPECT takes a port: a whole number from 0 to 65535';
    throw new ChoragusError('invalid_config', message, { delivery: 'not_sent' });
  }
  void import('./inspector/index.js')
    .then(({ startInspector }) => startInspector(pool, { port: Number(port) }))
    .then(
      ({ url }) => process.stderr.write(`Choragus inspector: ${url}\n`),
      (error: Error) => process.stderr.write(`Choragus inspector: not started: ${error.message}\n`),
    );
}
