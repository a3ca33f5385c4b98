import type { Pool } from '../contract/index.js';
import type { PrometheusOptions } from './options.js';
import { readingFor } from './read-arguments.js';
import { Turns } from './turns.js';

/** Configures {@link prometheusText}. */
export interface PrometheusTextOptions extends PrometheusOptions {
  /** If true, returns OpenMetrics 1.0. Default: false, Prometheus's text 0.0.4. */
  readonly openMetrics?: boolean | undefined;
}

/**
 * Returns a pool's metrics as Prometheus reads them: counters, histograms and states that the pool keeps anyway.
 * It includes each request that has ended before the call. It reads the CIs in turns of the event loop, of about 1 ms.
 *
 * The event loop's lag is measured from the first call on, and no more once five minutes have passed without a call.
 *
 * @throws ChoragusError `invalid_config` for a bad option, or if `pool` is not a pool; as a rejection.
 *
 * @example
 * ```ts
 * response.setHeader('content-type', contentTypes.text).end(await prometheusText(pool));
 * ```
 */
export async function prometheusText(pool: Pool, options: PrometheusTextOptions = {}): Promise<string> {
  const { exporter, format } = readingFor('prometheusText', pool, options);
  const pass = await exporter.read();
  const turns = new Turns();
  const parts: string[] = [];
  for (const part of pass.text(format)) {
    // V8 keeps a text that was put together as a tree; reading a character makes it flat.
    part.charCodeAt(0);
    parts.push(part);
    if (turns.isOver) await turns.next();
  }
  return parts.join('');
}
