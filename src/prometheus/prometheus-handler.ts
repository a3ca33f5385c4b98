import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { Pool } from '../contract/index.js';
import { acceptsGzip, contentTypes, formatFor } from './accept.js';
import type { Exporter } from './exporter.js';
import type { PrometheusOptions } from './options.js';
import { exporterFor } from './read-arguments.js';
import { Turns } from './turns.js';

/** Size of the compressed pieces, in bytes: each costs a turn of the event loop. */
const CHUNK_BYTES = 65_536;

/**
 * Returns a handler that answers a scrape: for Node's `http`, Express, and anything else with Node's request and
 * response. It answers in OpenMetrics 1.0 if the client prefers it, else in Prometheus's text; compressed if the client
 * accepts gzip. Concurrent scrapes share a reading of the pool.
 *
 * Anyone who can reach it can read the names of the CIs: serve it on a port that is not public.
 *
 * @throws ChoragusError `invalid_config` for a bad option, or if `pool` is not a pool.
 *
 * @example
 * ```ts
 * createServer(prometheusHandler(pool)).listen(9_464);
 * ```
 */
export function prometheusHandler(
  pool: Pool,
  options: PrometheusOptions = {},
): (request: IncomingMessage, response: ServerResponse) => void {
  const exporter = exporterFor('prometheusHandler', pool, options);
  return (request, response) => {
    // The client is gone, or a bug: either way there is nobody to tell.
    answer(exporter, request, response).catch(() => response.destroy());
  };
}

async function answer(exporter: Exporter, { method, headers }: IncomingMessage, response: ServerResponse) {
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const format = formatFor(headers.accept);
  response.setHeader('content-type', contentTypes[format]);
  response.setHeader('vary', 'accept, accept-encoding');
  if (method === 'HEAD') {
    response.end();
    return;
  }
  const source = Readable.from(inTurns((await exporter.read()).text(format)));
  if (acceptsGzip(String(headers['accept-encoding'] ?? ''))) {
    response.setHeader('content-encoding', 'gzip');
    // In a thread of its own. Other levels take longer for a few per cent.
    await pipeline(source, createGzip({ level: constants.Z_BEST_SPEED, chunkSize: CHUNK_BYTES }), response);
  } else await pipeline(source, response);
}

async function* inTurns(parts: Iterable<string>): AsyncGenerator<Buffer> {
  const turns = new Turns();
  for (const part of parts) {
    yield Buffer.from(part);
    if (turns.isOver) await turns.next();
  }
}
