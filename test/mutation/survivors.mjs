/** Why a mutant may survive, by what it changes; each reason is shown, with its count, in `docs/reliability.md`. */
const reasons = [];

/** The reason for which this survivor is no fault of the tests, if it is known. */
export function reasonFor({ path, change }) {
  return reasons.find(({ where, what }) => path.endsWith(where) && what.test(change))?.why;
}
