import { isIPv6 } from 'node:net';
import { wrongArgument } from '../errors/index.js';

/**
 * Joins a host and a port into one canonical address: `apollo.local:45012`, `[::1]:45012`.
 *
 * @param of - The function that was called, for the message.
 * @param host - A host name, an IPv4 address, or an IPv6 address with or without brackets.
 * @param port - A number, or its digits as text: ports from the environment are text.
 * @throws ChoragusError `invalid_config` for a bad host or port.
 * @internal
 */
export function addressOf(of: string, host: unknown, port: unknown): string {
  return `${canonicalHost(of, host)}:${readPort(of, port)}`;
}

/** Returns the address in a CI's URL; undefined if it has none, for example for a unix socket. @internal */
export function addressOfUrl(url: string): string | undefined {
  const match = /^[a-z][a-z\d+.-]*:\/\/(\[[^\]]+\]|[^\s:/?#@[\]]+):(\d{1,5})(?:[/?#]|$)/i.exec(url);
  if (match?.[1] === undefined) return undefined;
  try {
    return addressOf('url', match[1], match[2]);
  } catch {
    // The URL of a user's own transport can have another form. Such a CI is found only by its name.
    return undefined;
  }
}

function canonicalHost(of: string, host: unknown): string {
  if (typeof host === 'string') {
    const bare = host.replace(/^\[(.*)\]$/, '$1');
    if (isIPv6(bare)) return `[${canonicalIPv6(bare)}]`;
    if (bare === host && /^[^\s:/?#@[\]]+$/.test(bare)) return bare.toLowerCase();
  }
  throw wrongArgument(of, 'host', host, 'a host name or an IP address');
}

function readPort(of: string, port: unknown): number {
  const number = typeof port === 'string' && /^\d{1,5}$/.test(port) ? Number(port) : port;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= 65_535) return number;
  throw wrongArgument(of, 'port', port, 'a whole number from 1 to 65535');
}

function canonicalIPv6(address: string): string {
  const [digits = '', ...zone] = address.split('%');
  // The zone names a network interface, and stays unchanged. The rest is written in its shortest form.
  return [new URL(`http://[${digits}]/`).hostname.slice(1, -1), ...zone].join('%');
}
