import type { Target } from '../../contract/index.js';
import { ChoragusError } from '../../errors/index.js';

/** Where a model is. */
export interface ModelAddress {
  readonly origin: string;
  readonly model: string;
  readonly query: URLSearchParams;
}

/**
 * Reads `scheme://host[:port]/model`; the model's name may hold `/` and `:`.
 *
 * @param schemes - For each scheme the one of HTTP, and the port where none is given.
 * @throws ChoragusError `invalid_config`, naming what it takes; credentials in a URL are not shown.
 */
export function readModelAddress(
  { url: text, ci }: Target,
  schemes: Readonly<Record<string, readonly [http: 'http' | 'https', port: number]>>,
): ModelAddress {
  const [scheme = '', rest = ''] = text.split(/:\/\/(.*)/s);
  const takes = Object.keys(schemes).map((name) => `${name}://host[:port]/model`);
  const [http, defaultPort] = schemes[scheme] ?? [];
  if (http === undefined || !URL.canParse(`${http}://${rest}`))
    throw invalid(ci, `its url must be ${takes.join(' or ')}`);
  const url = new URL(`${http}://${rest}`);
  if (url.username !== '' || url.password !== '') throw invalid(ci, 'credentials do not belong in its url');
  const model = decodeURIComponent(url.pathname.slice(1));
  if (model === '') throw invalid(ci, `its url must name a model, as in ${takes[0]}`);
  const [authority = ''] = rest.split(/[/?#]/, 1);
  const port = /:\d+$/.test(authority) ? url.port : String(defaultPort);
  return { origin: `${http}://${url.hostname}${port === '' ? '' : `:${port}`}`, model, query: url.searchParams };
}

function invalid(ci: string, message: string): ChoragusError {
  return new ChoragusError('invalid_config', `CI "${ci}": ${message}`, { ci, delivery: 'not_sent' });
}
