const unloadable = 'the machine is refused when it is made, so that no test file loads: the tool does not count that';
const typesAlone = 'it holds types alone, which are gone at run time';
const memoryAlone = 'the answers are the same: it decides only when memory is given back';
const shortcut = 'a short cut: the way that is left comes to the same, more slowly';
const equal = 'equal in all that can be observed';

/**
 * Why a mutant may survive, by what it changes (`original → replacement`); each reason is shown, with its count, in
 * `docs/reliability.md`.
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
    why: 'a crash at no time is never within the window',
  },
  {
    where: 'correlator.ts',
    what: /^'abandoned' → ""$/,
    why: 'only `answered` and unknown are told apart from the rest',
  },
  { where: 'correlator.ts', what: /this\.#order\.length === 0|^!?this\.#echoing → |^\[\] → /, why: shortcut },
  {
    where: 'correlator.ts',
    what: /^item\.replyMode === 'stream' → true$/,
    why: 'a frame of a stream ends what is none, and its place with it',
  },
  {
    where: 'correlator.ts',
    what: /^isBehind && this\.#fence\.next\?\.behind !== number → false$|^this\.#fence\.held !== undefined → false$/,
    why: 'probes, and the answer that is held, are in the order of their requests',
  },
  { where: 'fence.ts', what: /\[0\]\?\.forgo/, why: 'what was found is there' },
  {
    where: 'correlator.ts',
    what: /=== undefined/,
    why: 'nothing has the number `undefined`: the look-up after it finds nothing either',
  },
  { where: 'correlator.ts', what: /\?\./, why: 'what is in the order is in the table' },
  { where: 'request-ids.ts', what: /MOST_DIGITS/, why: 'so long a number is no number that was issued, either way' },
  { where: 'awaiting.ts', what: /^kind === 'reply' → true$/, why: 'the type `error` is of no other kind' },
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
    why: 'no bytes, and no text, are no line',
  },
  { where: 'ndjson.ts', what: /^-this\.#tailBytes/, why: 'a first line that is too long is refused when it is joined' },
  {
    where: 'ndjson.ts',
    what: /KEPT_TAIL_BYTES|^Math\.min/,
    why: `${memoryAlone}; the fuzz tests, which are not asked here, watch it`,
  },
  { where: 'slot-table.ts', what: /./, why: equal },
  { where: 'fifo-queue.ts', what: /^(this\.size === 0 → false$|this\.#head|else if \(this\.#head)/, why: memoryAlone },
  { where: 'buffered-iterator.ts', what: /delivery: 'maybe_sent'/, why: 'it says what is the default anyhow' },
  { where: 'buffered-iterator.ts', what: /^'open' → ""$/, why: equal },
  { where: 'no-retry.ts', what: /^'fresh' → ""$/, why: equal },
  { where: 'examination.ts', what: /^'begun' → ""$/, why: equal },
  { where: 'order-judge.ts', what: /^'(untried|answered|violated|after the answer)' → ""$/, why: equal },
  { where: 'reuse.ts', what: /^'on trial' → ""$/, why: equal },
  { where: 'order-judge.ts', what: /^this\.#fenced \+= 1 → /, why: 'it is counted in rounds, either way' },
  { where: 'link-order.ts', what: /^this\.#examination\?\.answered/, why: 'there is one, as was asked before' },
  {
    where: 'link-order.ts',
    what: /^this\.isExamined → true$/,
    why: 'the time of a probe that proves is asked for by nobody',
  },
  { where: 'link-order.ts', what: /^'' → "Stryker was here!"$/, why: 'neither is the type of a probe' },
  {
    where: 'abandoned-requests.ts',
    what: /^oldestMs \+ this\.#graceMs → oldestMs - this\.#graceMs$/,
    why: 'judged too early, it is judged again in time',
  },
  { where: 'time-out.ts', what: /^'wait' → ""$/, why: equal },
];

/** The reason for which this survivor is no fault of the tests, if it is known. */
export function reasonFor({ path, change }) {
  return reasons.find(({ where, what }) => path.endsWith(where) && what.test(change))?.why;
}
