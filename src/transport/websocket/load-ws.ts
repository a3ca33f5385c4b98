import { createRequire } from 'node:module';
import { ChoragusError } from '../../errors/index.js';

/** The `ws` package, an optional peer: who dials no WebSocket does not install it. @throws ChoragusError `invalid_config` */
export function loadWs(ci: string): typeof import('ws') {
  try {
    // At once, since an address is read at once; the package is CommonJS.
    return createRequire(import.meta.url)('ws');
  } catch (cause) {
    const message = `CI "${ci}": WebSocket needs the package "ws": npm install ws`;
    throw new ChoragusError('invalid_config', message, { ci, delivery: 'not_sent', cause });
  }
}
