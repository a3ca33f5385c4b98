import { ChoragusError, describeValue } from '../errors/index.js';

const maxListed = 5;

/** Other names of CIs that the original's command accepts. */
const aliases: Readonly<Record<string, string>> = { tekton: 'tekton_core' };

/**
 * Returns the CI that a name means: `apollo`, `apollo-ai`, `Apollo` and `APOLLO-AI` all mean the same CI. The closest
 * spelling wins: the same text, then the same text in another case, then with or without `-ai`.
 *
 * A prefix like `apo` matches no CI. The original sends it to the first CI with that prefix. That is the wrong CI if two
 * CIs share the prefix, or if the right one is removed.
 *
 * @throws ChoragusError `unknown_ci` if no CI matches, or if several match.
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
    if (found.length > 1) throw unknownCi(name, `${describeValue(name)} matches ${list(found)}: use the exact name`);
    if (found[0] !== undefined) return found[0];
  }
  const known = cis.length === 0 ? 'it has no CIs' : `use ${list(cis)}`;
  throw unknownCi(name, `the pool has no CI ${describeValue(name)}: ${known}`);
}

/** Returns a name in lower case, without the suffix `-ai` of the original's CIs. */
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
