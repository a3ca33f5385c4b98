const unloadable = 'the machine is refused when it is made, so that no test file loads: the tool does not count that';
const typesAlone = 'it holds types alone, which are gone at run time';
const memoryAlone = 'the answers are the same: it decides only when memory is given back';
const equal = 'equal in all that can be observed';

/**
 * Why a mutant may survive, by what it changes (`original → replacement`); each reason is shown, with its count, in
 * `docs/reliability.md`.
 */
const reasons = [
  {
    where: '.machine.ts',
    what: /^('connection'|'pool'|'idle'|'connecting'|'queued'|'running') → ""$/,
    why: unloadable,
  },
  { where: '.machine.ts', what: /^states: \{ … → \{\}$/, why: unloadable },
  { where: '.machine.ts', what: /^types: \{ … → \{\}$/, why: typesAlone },
  {
    where: 'pool.machine.ts',
    what: /^\[\] → \["Stryker was here"\]$/,
    why: 'a crash at no time is never within the window',
  },
  { where: 'fifo-queue.ts', what: /^(this\.size === 0 → false$|this\.#head|else if \(this\.#head)/, why: memoryAlone },
  { where: 'buffered-iterator.ts', what: /delivery: 'maybe_sent'/, why: 'it says what is the default anyhow' },
  { where: 'buffered-iterator.ts', what: /^'open' → ""$/, why: equal },
  { where: 'no-retry.ts', what: /^'fresh' → ""$/, why: equal },
  { where: 'schedule-after-io.ts', what: /^'wait' → ""$/, why: equal },
];

/** The reason for which this survivor is no fault of the tests, if it is known. */
export function reasonFor({ path, change }) {
  return reasons.find(({ where, what }) => path.endsWith(where) && what.test(change))?.why;
}
