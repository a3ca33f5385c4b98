import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Pool } from '../contract/index.js';
import { Gateway } from './gateway.js';
import { type GatewayHandlerOptions, readHandlerOptions } from './options.js';

/**
 * Returns a handler that answers the gateway's paths: for Node's `http`, Express, Fastify, and anything else with Node's
 * request and response. It reads the body itself: mount it before a parser of bodies, and at the root, because clients
 * put their own paths behind a base URL. Who may connect, and for how long, is the server's concern.
 *
 * @throws ChoragusError `invalid_config` for a bad option, or if `pool` is not a pool of `createPool`.
 *
 * @example
 * ```ts
 * createServer(gatewayHandler(pool)).listen(8_080, '127.0.0.1');
 * ```
 */
export function gatewayHandler(
  pool: Pool,
  options: GatewayHandlerOptions = {},
): (request: IncomingMessage, response: ServerResponse) => void {
  const gateway = new Gateway('gatewayHandler', pool, readHandlerOptions(options));
  return (request, response) => gateway.handle(request, response);
}
