/** The form of an address, for each scheme that takes a host. */
const forms: Readonly<Record<string, { readonly form: string; readonly port: 'needed' | 'optional' }>> = {
  tcp: { form: 'tcp://host:port', port: 'needed' },
  tls: { form: 'tls://host:port', port: 'needed' },
  ws: { form: 'ws://host[:port][/path]', port: 'optional' },
  wss: { form: 'wss://host[:port][/path]', port: 'optional' },
  ollama: { form: 'ollama://host[:port]/model', port: 'optional' },
  'ollama+https': { form: 'ollama+https://host[:port]/model', port: 'optional' },
  'openai+http': { form: 'openai+http://host[:port]/model', port: 'optional' },
  'openai+https': { form: 'openai+https://host[:port]/model', port: 'optional' },
};
const schemes = [...Object.keys(forms), 'unix'].map((name) => `${name}:`).join(', ');

/**
 * Names the wrong part of a bad address, and what is accepted: `port 70000 is out of range: use 1 to 65535`. Returns undefined if it finds
 * no fault. Call it only for an address that the pool refused: it explains, and does not decide.
 */
export function addressFault(url: string): string | undefined {
  const [, scheme = '', rest = ''] = /^([^:/]*):(.*)$/s.exec(url) ?? [];
  if (scheme === '') return `the scheme is missing: use one of ${schemes}`;
  if (scheme === 'unix') return undefined;
  const known = Object.hasOwn(forms, scheme) ? forms[scheme] : undefined;
  if (known === undefined) return schemeFault(scheme, rest);
  const { form } = known;
  if (!rest.startsWith('//')) return `// is missing after ${scheme}: use ${form}`;
  if (/\s/.test(rest)) return `it contains white space: use ${form}`;
  const authority = rest.slice(2).split(/[/?#]/, 1)[0] as string;
  // Not shown: it can contain a password.
  if (authority.includes('@')) return `it contains credentials: use ${form}`;
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority) ?? [];
  return hostFault(host, form) ?? portFault(port, known) ?? restFault(scheme, rest.slice(2 + authority.length), form);
}

function schemeFault(scheme: string, rest: string): string {
  const lower = scheme.toLowerCase();
  if (Object.hasOwn(forms, lower)) return `the scheme ${JSON.stringify(`${scheme}:`)} is unknown: use ${lower}:`;
  // `localhost:45012`
  if (/^\d{1,5}$/.test(rest)) return `the scheme is missing: use tcp://${scheme}:${rest}`;
  return `the scheme ${JSON.stringify(`${scheme}:`)} is unknown: use one of ${schemes}`;
}

function hostFault(host: string, form: string): string | undefined {
  if (host === '') return `the host is missing: use ${form}`;
  if (URL.canParse(`http://${host}`)) return undefined;
  return `the host ${JSON.stringify(host)} is not a host name or an address (IPv6 in brackets)`;
}

function portFault(port: string | undefined, known: { form: string; port: string }): string | undefined {
  if (port === undefined || port === '')
    return known.port === 'needed' ? `the port is missing: use ${known.form}` : undefined;
  if (!/^\d+$/.test(port)) return `port ${JSON.stringify(port)} is not a number: use 1 to 65535`;
  if (port.length > 5 || Number(port) < 1 || Number(port) > 65_535)
    return `port ${port} is out of range: use 1 to 65535`;
  return undefined;
}

function restFault(scheme: string, rest: string, form: string): string | undefined {
  if (rest === '' || rest === '/') return scheme.startsWith('o') ? `the model is missing: use ${form}` : undefined;
  if (scheme === 'tcp' || scheme === 'tls') return `${JSON.stringify(rest)} is not allowed after the host: use ${form}`;
  return undefined;
}
