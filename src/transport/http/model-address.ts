import type { Target } from '../../contract/index.js';
import { credentialsInUrl, invalidCi, wrongUrl } from '../../errors/index.js';

/** The address of a model. */
export interface ModelAddress {
  /** Scheme, host and port of the HTTP server. */
  readonly origin: string;
  readonly wire: 'tcp' | 'tls';
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
  readonly model: string;
  readonly query: URLSearchParams;
}

/**
 * Reads `scheme://host[:port]/model`. The model's name may contain `/` and `:`.
 *
 * @param schemes - For each scheme, that of HTTP and the default port.
 * @param parameters - The parameters that are allowed after the `?`.
 * @throws ChoragusError `invalid_config` with the accepted form. Credentials in a URL are not shown.
 */
export function readModelAddress(
  { url: text, ci }: Target,
  schemes: Readonly<Record<string, readonly [http: 'http' | 'https', port: number]>>,
  parameters: readonly string[] = [],
): ModelAddress {
  const [scheme = '', rest = ''] = text.split(/:\/\/(.*)/s);
  const takes = Object.keys(schemes).map((name) => `${name}://host[:port]/model`);
  const [http, defaultPort] = schemes[scheme] ?? [];
  if (http === undefined || !URL.canParse(`${http}://${rest}`)) throw wrongUrl(ci, takes.join(' or '));
  const url = new URL(`${http}://${rest}`);
  if (url.username !== '' || url.password !== '') throw credentialsInUrl(ci, 'the option "apiKey" or "headers"');
  const model = decoded(url.pathname.slice(1), ci);
  if (model === '') throw invalidCi(ci, `its url names no model: use ${takes[0]}`);
  const unknown = [...url.searchParams.keys()].find((name) => !parameters.includes(name));
  if (unknown !== undefined) {
    const takes = parameters.length === 0 ? 'none' : parameters.join(' and ');
    throw invalidCi(ci, `its url has the unknown parameter ${JSON.stringify(unknown)}: use ${takes}`);
  }
  const [authority = ''] = rest.split(/[/?#]/, 1);
  const port = /:\d+$/.test(authority) ? url.port : String(defaultPort);
  return {
    origin: `${http}://${url.hostname}${port === '' ? '' : `:${port}`}`,
    wire: http === 'http' ? 'tcp' : 'tls',
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    // A URL omits its scheme's default port.
    port: Number(port) || (http === 'http' ? 80 : 443),
    model,
    query: url.searchParams,
  };
}

function decoded(path: string, ci: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    const part = /%(?![\da-f]{2}).{0,2}/i.exec(path)?.[0] ?? path;
    throw invalidCi(ci, `its url contains ${JSON.stringify(part)}: write a % that begins no escape as %25`);
  }
}
