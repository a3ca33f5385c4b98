const unloadable =
  'the definition of the machine is rejected, so no test file loads; the tool does not count that as noticed';
const typesAlone = 'it contains only types, which do not exist at run time';
const memoryAlone = 'same results: it decides only when memory is freed';
const shortcut = 'a shortcut: without it the result is the same, only slower';
const equal = 'no observable difference';

/**
 * Why a mutant may survive, by its change (`original → replacement`); `docs/reliability.md` shows each reason
 * with its count.
 */
const reasons = [
  {
    where: '.machine.ts',
    what: /^('connection'|'pool'|'ordering'|'asked'|'idle'|'connecting'|'queued'|'dialling'|'running') → ""$/,
    why: unloadable,
  },
  { where: '.machine.ts', what: /^states: \{ … → \{\}$/, why: unloadable },
  { where: '.machine.ts', what: /^types: \{ … → \{\}$/, why: typesAlone },
  { where: '-setup.ts', what: /^types: \{ … → \{\}$/, why: typesAlone },
  { where: '-setup.ts', what: /^event\.type === 'link\.lost' → true$/, why: 'no other event has the field `how`' },
  {
    where: 'pool.machine.ts',
    what: /^\[\] → \["Stryker was here"\]$/,
    why: 'a crash without a time is never within the window',
  },
  {
    where: 'correlator.ts',
    what: /^'abandoned' → ""$/,
    why: 'only `answered` and unknown are treated differently from the rest',
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
  { where: 'fence.ts', what: /\[0\]\?\.forgo/, why: 'the entry that was found exists' },
  {
    where: 'correlator.ts',
    what: /=== undefined/,
    why: 'no request has the number `undefined`, so the lookup after it finds nothing either',
  },
  { where: 'correlator.ts', what: /\?\./, why: 'each entry of the order is in the table' },
  {
    where: 'request-ids.ts',
    what: /^number < BLOCK → |^block !== this\.#block → true|^id === this\.#lastId → false|Number\.isNaN\(number\)/,
    why: 'a cache: without it the id or number is the same',
  },
  {
    where: 'request-ids.ts',
    what: /^'' → "Stryker was here!"$/,
    why: 'the first id that is written or read replaces it',
  },
  { where: 'request-ids.ts', what: /MOST_DIGITS/, why: 'a number that long was never issued, in both cases' },
  { where: 'awaiting.ts', what: /^kind === 'reply' → true$/, why: 'the type `error` has no other kind' },
  { where: 'correlator.ts', what: /^item\.sinceMs < oldest → item\.sinceMs <= oldest$/, why: equal },
  {
    where: 'encode-request.ts',
    what: /^\} catch \{ … → \{\}$/,
    why: '`undefined`, too, means that it is no context',
  },
  {
    where: 'hand-line.ts',
    what: /^first === undefined → false$/,
    why: 'without such a number the text is the line itself, which is rejected with the same error',
  },
  { where: 'raw-line.ts', what: /^this\.#ids\.length === 1 → false$/, why: shortcut },
  { where: 'raw-line.ts', what: /^!name\.includes\('\\\\'\) → false$|^'\\\\' → ""$/, why: shortcut },
  {
    where: 'raw-line.ts',
    what: /^\} catch \{ … → \{\}$/,
    why: 'a name that cannot be decoded is not that of the id',
  },
  {
    where: 'raw-line.ts',
    what: /MAX_TOKEN\)\)\?\.\[0\] → |^\/\^\[\^\\s,:\{\}\[\\\]"\]\*\/ → \/\[\^\\s,/,
    why: 'the expression matches at the beginning of any text',
  },
  {
    where: 'raw-line.ts',
    what: /^token\.startsWith\('"'\) → token\.endsWith\('"'\)$/,
    why: 'a string has a quote at both ends, and a number at neither',
  },
  { where: 'raw-line.ts', what: /^at < text\.length → at <= text\.length$/, why: 'behind the end is no character' },
  {
    where: 'raw-line.ts',
    what: /^quote !== -1 → true$|^-1 → \+1$/,
    why: 'no quote is at either place, and none is escaped there',
  },
  {
    where: 'raw-line.ts',
    what: /^at - 1 - before → at - 1 \+ before$|^at - 1 → at \+ 1$/,
    why: 'only whether it is odd counts, which stays the same',
  },
  { where: 'raw-line.ts', what: /^RawLine\.read\(rest\)\?\./, why: 'what is left is an object, too' },
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
    why: 'no bytes, and an empty text, are no line in both cases',
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
  { where: 'ndjson.ts', what: /^'further on' → ""$/, why: equal },
  { where: 'ndjson.ts', what: /^line\.charCodeAt\(0\) <= SPACE → true$/, why: shortcut },
  { where: 'slot-table.ts', what: /./, why: equal },
  { where: 'fifo-queue.ts', what: /^(this\.size === 0 → false$|this\.#head|else if \(this\.#head)/, why: memoryAlone },
  { where: 'buffered-iterator.ts', what: /delivery: 'maybe_sent'/, why: 'it repeats the default' },
  { where: 'buffered-iterator.ts', what: /^'open' → ""$/, why: equal },
  { where: 'no-retry.ts', what: /^'fresh' → ""$/, why: equal },
  { where: 'examination.ts', what: /^'begun' → ""$/, why: equal },
  { where: 'order-judge.ts', what: /^'(untried|answered|violated|concurrent|after the answer)' → ""$/, why: equal },
  { where: 'reuse.ts', what: /^'on trial' → ""$/, why: equal },
  { where: 'order-judge.ts', what: /^this\.#fenced \+= 1 → /, why: 'it is counted in rounds in both cases' },
  { where: 'link-order.ts', what: /^this\.#examination\?\.answered/, why: 'it exists, as was checked before' },
  {
    where: 'link-order.ts',
    what: /^this\.isExamined → true$/,
    why: 'nothing reads the time of a probe that proves',
  },
  { where: 'link-order.ts', what: /^'' → "Stryker was here!"$/, why: 'neither text is the type of a probe' },
  {
    where: 'abandoned-requests.ts',
    what: /^oldestMs \+ this\.#graceMs → oldestMs - this\.#graceMs$/,
    why: 'if it is judged too early, it is judged again in time',
  },
  { where: 'source.ts', what: /^\} catch \{ … → \{\}$/, why: '`undefined`, too, means that it is no source' },
  { where: 'time-out.ts', what: /^'wait' → ""$/, why: equal },
];

/** Returns why this survivor is no fault of the tests, if that is known. */
export function reasonFor({ path, change }) {
  return reasons.find(({ where, what }) => path.endsWith(where) && what.test(change))?.why;
}
