import { ChoragusError, describeValue } from '../errors/index.js';

const maxListed = 5;

/** Names that the original's command takes for a CI whose name is another. */
const aliases: Readonly<Record<string, string>> = { tekton: 'tekton_core' };

/**
 * Finds the CI that a name means: `apollo`, `apollo-ai`, `Apollo` and `APOLLO-AI` all mean `apollo`, whichever of these the
 * pool calls it. The closest spelling wins: the same text, then the same in another case, then with or without `-ai`.
 *
 * A beginning such as `apo` means nobody. The original sends it to the first CI that begins so, which is a wrong answer as
 * soon as another CI does, or the right one is removed.
 *
 * @throws ChoragusError `unknown_ci` if no CI matches, or several do.
 * @internal
 */
export function resolveName(name: string, cis: readonly string[]): string {
  if (cis.includes(name)) return name;
  const bare = bareName(name);
  const spellings: readonly ((ci: string) => boolean)[] = [
    (ci) => ci.toLowerCase() === name.toLowerCase(),
    (ci) => bareName(ci) === bare,
    (ci) => Object.hasOwn(aliases, bare) && bareName(ci) === aliases[bare],
  ];
  for (const matches of spellings) {
    const found = cis.filter(matches);
    if (found.length > 1)
      throw unknownCi(name, `${describeValue(name)} can mean ${list(found)}: write it as the pool does`);
    if (found[0] !== undefined) return found[0];
  }
  const known = cis.length === 0 ? 'it has none' : `it has ${list(cis)}`;
  throw unknownCi(name, `the pool has no CI ${describeValue(name)}: ${known}`);
}

/** A name in lower case, without the suffix that the original's CIs have. */
function bareName(name: string): string {
  return name.toLowerCase().replace(/-ai$/, '');
}

function list(cis: readonly string[]): string {
  const more = cis.length - maxListed;
  return cis.slice(0, maxListed).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function unknownCi(name: string, message: string): ChoragusError {
  return new ChoragusError('unknown_ci', message, { ci: name.slice(0, 128), delivery: 'not_sent' });
}
