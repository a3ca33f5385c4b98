import { isIPv6 } from 'node:net';
import { ChoragusError } from '../errors/index.js';

/**
 * A host and a port as one word, the same for all ways of writing them: `apollo.local:45012`, `[::1]:45012`.
 *
 * @param host - A host name, an IPv4 address, or an IPv6 address with or without brackets.
 * @throws ChoragusError `invalid_config` for a host or a port that is none.
 * @internal
 */
export function addressOf(host: string, port: number): string {
  const bare = typeof host === 'string' ? host.replace(/^\[(.*)\]$/, '$1') : '';
  if (!isIPv6(bare) && !(bare === host && /^[^\s:/?#@[\]]+$/.test(bare))) {
    throw invalid(`host is ${JSON.stringify(host)}, and takes a host name or an IP address`);
  }
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw invalid(`port is ${JSON.stringify(port)}, and takes a whole number from 1 to 65535`);
  }
  return `${isIPv6(bare) ? `[${canonicalIPv6(bare)}]` : bare.toLowerCase()}:${port}`;
}

/** The address that a CI's URL leads to, or undefined where it has none (a Unix socket). @internal */
export function addressOfUrl(url: string): string | undefined {
  const match = /^[a-z][a-z\d+.-]*:\/\/(\[[^\]]+\]|[^\s:/?#@[\]]+):(\d{1,5})(?:[/?#]|$)/i.exec(url);
  if (match?.[1] === undefined) return undefined;
  try {
    return addressOf(match[1], Number(match[2]));
  } catch {
    // A transport of the user's own may mean something else by it; such a CI is found by name only.
    return undefined;
  }
}

function canonicalIPv6(address: string): string {
  const [digits = '', ...zone] = address.split('%');
  // The zone names an interface of this machine and stays as it is; the rest has one shortest spelling.
  return [new URL(`http://[${digits}]/`).hostname.slice(1, -1), ...zone].join('%');
}

function invalid(message: string): ChoragusError {
  return new ChoragusError('invalid_config', message, { delivery: 'not_sent' });
}
