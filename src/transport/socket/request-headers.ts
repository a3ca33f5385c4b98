import { invalidCi, invalidHeader } from '../../errors/index.js';

/** The allowed names and values (RFC 9110, sections 5.1 and 5.5). A line end would begin another header. */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Headers that describe how a message is sent. The connection sets them; users may not. */
const OURS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-type',
  'expect',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Merges headers by their names in lower case; the later value counts. Each source is headers, or an API key, which is
 * sent as `Authorization: Bearer …`. An empty key and undefined add nothing.
 *
 * @throws ChoragusError `invalid_config` for a name or value that is not allowed. The message shows no value.
 */
export function joinHeaders(
  ci: string,
  sources: readonly (Readonly<Record<string, string>> | string | undefined)[],
): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const source of sources) {
    if (typeof source !== 'string') Object.assign(joined, checked(source ?? {}, ci));
    else if (!/^[\x21-\x7e]*$/.test(source)) throw invalidHeader(ci, 'API key');
    else if (source !== '') joined.authorization = `Bearer ${source}`;
  }
  return joined;
}

function checked(headers: Readonly<Record<string, string>>, ci: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const shown = JSON.stringify(name.slice(0, 40));
      if (OURS.has(name.toLowerCase())) throw invalidCi(ci, `its header ${shown} is set by the connection: remove it`);
      if (NAME.test(name) && VALUE.test(String(value))) return [name.toLowerCase(), String(value)];
      throw invalidHeader(ci, `header ${shown}`);
    }),
  );
}
