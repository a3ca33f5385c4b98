const unloadable = 'the machine cannot be created, so no test file loads: the tool does not count that';
const typesAlone = 'it holds only types, which do not exist at run time';
const memoryAlone = 'the results are the same: it only changes when memory is freed';
const shortcut = 'a shortcut: the other path gives the same result, more slowly';
const equal = 'no observable difference';

/**
 * Why a mutant may survive, by its change (`original → replacement`); `docs/reliability.md` shows each reason
 * with its count.
 */
const reasons = [
  {
    where: '.machine.ts',
    what: /^('connection'|'pool'|'ordering'|'asked'|'idle'|'connecting'|'queued'|'running') → ""$/,
    why: unloadable,
  },
  { where: '.machine.ts', what: /^states: \{ … → \{\}$/, why: unloadable },
  { where: '.machine.ts', what: /^types: \{ … → \{\}$/, why: typesAlone },
  {
    where: 'pool.machine.ts',
    what: /^\[\] → \["Stryker was here"\]$/,
    why: 'a crash without a time is never within the window',
  },
  {
    where: 'correlator.ts',
    what: /^'abandoned' → ""$/,
    why: 'only `answered` and unknown differ from the rest',
  },
  { where: 'correlator.ts', what: /this\.#order\.length === 0|^!?this\.#echoing → |^\[\] → /, why: shortcut },
  {
    where: 'correlator.ts',
    what: /^item\.replyMode === 'stream' → true$/,
    why: 'a stream frame ends a request that is no stream, and frees its slot',
  },
  {
    where: 'correlator.ts',
    what: /^isBehind && this\.#fence\.next\?\.behind !== number → false$|^this\.#fence\.held !== undefined → false$/,
    why: 'probes, and the held answer, are in the order of their requests',
  },
  { where: 'fence.ts', what: /\[0\]\?\.forgo/, why: 'the item was found, so it exists' },
  {
    where: 'correlator.ts',
    what: /=== undefined/,
    why: 'no item has the number `undefined`: the look-up after it finds none either',
  },
  { where: 'correlator.ts', what: /\?\./, why: 'every item in the order is in the table' },
  { where: 'request-ids.ts', what: /MOST_DIGITS/, why: 'no issued number is that long, either way' },
  { where: 'hand-over.ts', what: /^kind === 'reply' → true$/, why: 'the type `error` has no other kind' },
  { where: 'correlator.ts', what: /^item\.sinceMs < oldest → item\.sinceMs <= oldest$/, why: equal },
  { where: 'encode-request.ts', what: /^body\.length \* 3/, why: shortcut },
  { where: 'frame-codec.ts', what: /'chat'|'chat_response'/, why: shortcut },
  {
    where: 'ndjson.ts',
    what: /#maxLineBytes → (false|this)|text\.length → false|^first >= end|^this\.#tailBytes === 0/,
    why: shortcut,
  },
  {
    where: 'ndjson.ts',
    what: /^end >|^this\.#tailBytes >|^last [+-] 1|^start < text\.length/,
    why: 'empty bytes or text make no line',
  },
  {
    where: 'ndjson.ts',
    what: /^-this\.#tailBytes/,
    why: 'a first line that is too long is rejected when it is joined',
  },
  {
    where: 'ndjson.ts',
    what: /KEPT_TAIL_BYTES|^Math\.min/,
    why: `${memoryAlone}; the fuzz tests, which do not run here, check it`,
  },
  { where: 'slot-table.ts', what: /./, why: equal },
  { where: 'fifo-queue.ts', what: /^(this\.size === 0 → false$|this\.#head|else if \(this\.#head)/, why: memoryAlone },
  { where: 'buffered-iterator.ts', what: /delivery: 'maybe_sent'/, why: 'it equals the default' },
  { where: 'buffered-iterator.ts', what: /^'open' → ""$/, why: equal },
  { where: 'no-retry.ts', what: /^'fresh' → ""$/, why: equal },
  { where: 'examination.ts', what: /^'begun' → ""$/, why: equal },
  { where: 'order-judge.ts', what: /^'(untried|answered|violated|after the answer)' → ""$/, why: equal },
  { where: 'reuse.ts', what: /^'on trial' → ""$/, why: equal },
  { where: 'order-judge.ts', what: /^this\.#fenced \+= 1 → /, why: 'it counts in rounds, either way' },
  { where: 'link-order.ts', what: /^this\.#examination\?\.answered/, why: 'there is one: the code has checked before' },
  {
    where: 'link-order.ts',
    what: /^this\.isExamined → true$/,
    why: 'no caller reads the time of a probe that proves',
  },
  { where: 'link-order.ts', what: /^'' → "Stryker was here!"$/, why: 'both are no type of a probe' },
  {
    where: 'owed-answers.ts',
    what: /^oldestMs \+ this\.#graceMs → oldestMs - this\.#graceMs$/,
    why: 'if it is judged too early, it is judged again in time',
  },
  { where: 'schedule-after-io.ts', what: /^'wait' → ""$/, why: equal },
];

/** Returns why this survivor is no fault of the tests, if that is known. */
export function reasonFor({ path, change }) {
  return reasons.find(({ where, what }) => path.endsWith(where) && what.test(change))?.why;
}
