import * as v from 'valibot';

const FORM = /^(\[[\da-f:.]+\]|[a-z\d_](?:[\w.-]*[a-z\d_])?)(?::(\d{1,5}))?$/i;
/** The ports that browsers leave out, by scheme. */
const DEFAULTS = { http: 80, https: 443 };

/** The name and the port of a `Host` header; `undefined` if it has another form. */
function partsOf(authority: string): { readonly name: string; readonly port: number | undefined } | undefined {
  const [, name, port] = FORM.exec(authority) ?? [];
  if (name === undefined || !URL.canParse(`http://${name}`)) return undefined;
  // `URL` writes names in lower case, and IPv6 addresses in their short form.
  return { name: new URL(`http://${name}`).hostname, port: port === undefined ? undefined : Number(port) };
}

/** Returns true if an entry of `allowedHosts` permits a host. An entry without a port permits every port. */
export function isAllowed(allowed: readonly string[], authority: string, scheme?: 'http' | 'https'): boolean {
  const given = partsOf(authority);
  if (given === undefined) return false;
  const ports = given.port !== undefined ? [given.port] : scheme ? [DEFAULTS[scheme]] : Object.values(DEFAULTS);
  return allowed.some((entry) => {
    const own = partsOf(entry);
    return own?.name === given.name && (own.port === undefined || ports.includes(own.port));
  });
}

/** The accepted form of an entry, for messages. */
export const FORM_OF_HOST = 'a host name with or without a port, such as box.example:8443';

/** Returns true if a text can be an entry of `allowedHosts`. */
export function isHostEntry(text: string): boolean {
  const parts = partsOf(text);
  return parts !== undefined && (parts.port === undefined || (parts.port > 0 && parts.port <= 65_535));
}

/** Checks the option `allowedHosts`. */
export const allowedHosts = v.optional(
  v.array(v.message(v.pipe(v.string(), v.check(isHostEntry)), FORM_OF_HOST), 'a list of host names'),
  () => [],
);
