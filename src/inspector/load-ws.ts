import { ChoragusError } from '../errors/index.js';

/** The `ws` package, an optional peer: who does not use WebSockets does not install it. @throws ChoragusError `invalid_config` */
export async function loadWs(): Promise<typeof import('ws')> {
  try {
    return await import('ws');
  } catch (cause) {
    const message = 'this needs the package "ws": npm install ws';
    throw new ChoragusError('invalid_config', message, { delivery: 'not_sent', cause });
  }
}
