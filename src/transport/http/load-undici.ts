import { createRequire } from 'node:module';
import { ChoragusError } from '../../errors/index.js';

/** The `undici` package, an optional peer: who talks to no HTTP server does not install it. @throws ChoragusError `invalid_config` */
export function loadUndici(ci: string): typeof import('undici') {
  try {
    // At once, since an address is read at once; the package is CommonJS.
    return createRequire(import.meta.url)('undici');
  } catch (cause) {
    const message = `CI "${ci}": HTTP needs the package "undici": npm install undici@7`;
    throw new ChoragusError('invalid_config', message, { ci, delivery: 'not_sent', cause });
  }
}
