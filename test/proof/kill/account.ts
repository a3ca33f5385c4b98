import type { Sent } from './load.js';

/** Timers of a busy process fire late; a request that hangs takes longer than this, though. */
const LATE_MS = 3_000;

/**
 * Compares the ledgers of both sides: what the users of a pool received, and what each CI executed. Returns all
 * faults as texts; nothing if every request is accounted for.
 */
export function faultsOf(sent: readonly Sent[], executedBy: ReadonlyMap<string, readonly string[]>): string[] {
  const times = new Map<string, number>();
  const faults: string[] = [];
  const owners = new Map(sent.map(({ ci, content }) => [content, ci]));
  for (const [ci, executed] of executedBy) {
    for (const content of executed) {
      times.set(content, (times.get(content) ?? 0) + 1);
      if (owners.get(content) !== ci) faults.push(`${ci} executed what it had not been asked: ${content}`);
    }
  }
  for (const one of sent) {
    const count = times.get(one.content) ?? 0;
    for (const fault of faultsOfOne(one, count))
      faults.push(`${one.content}: ${fault} [${one.error?.message ?? 'ok'}]`);
  }
  return faults;
}

function* faultsOfOne(sent: Sent, executed: number): Generator<string> {
  if (executed > 1) yield `executed ${executed} times`;
  if (sent.ends !== (sent.isGivenUp ? 0 : 1)) yield `ended ${sent.ends} times`;
  const lateMs = sent.endedMs - sent.startedMs - sent.deadlineMs;
  if (lateMs > LATE_MS) yield `ended ${Math.round(lateMs)} ms after its deadline`;
  yield* foreignTexts(sent);
  if (sent.isGivenUp) return;
  if (sent.error === undefined) yield* faultsOfReply(sent, executed);
  else yield* faultsOfFailure(sent, sent.error, executed);
}

/** A request may only receive its own answer, even if it failed later. */
function* foreignTexts({ kind, content, texts }: Sent): Generator<string> {
  const own = kind === 'stream' ? [0, 1, 2].map((index) => `${content}:${index} `) : [`re ${content}`];
  for (const [index, text] of texts.entries()) if (text !== own[index]) yield `was given "${text}"`;
}

function* faultsOfReply({ kind, texts }: Sent, executed: number): Generator<string> {
  if (kind === 'fail') yield 'had a reply in place of its error';
  if (executed !== 1) yield `had a reply, and was executed ${executed} times`;
  if (texts.length !== (kind === 'stream' ? 3 : 1)) yield `completed with ${texts.length} texts`;
}

function* faultsOfFailure(sent: Sent, error: NonNullable<Sent['error']>, executed: number): Generator<string> {
  const { code, delivery } = error;
  if (delivery === 'not_sent' && executed > 0) yield 'called not sent, and the CI saw it';
  if (delivery === 'answered' && executed !== 1) yield `called answered, and was executed ${executed} times`;
  if (!EXPECTED.includes(`${code} ${delivery}`)) yield `failed as ${code} ${delivery}`;
  if (code === 'ci_error' && sent.kind !== 'fail') yield 'was answered with an error that was not its own';
  if (error.ci !== sent.ci) yield `names ${error.ci} as its CI`;
  const partial = sent.texts.length === 0 ? undefined : sent.texts.join('');
  if (sent.kind === 'stream' && error.partial !== partial) yield `tells of a partial text "${error.partial}"`;
}

/** Everything that a CI's death, freeze or return can do to a request. */
const EXPECTED: readonly string[] = [
  'ci_error answered',
  'connection_lost maybe_sent',
  'connection_lost not_sent',
  'deadline_exceeded maybe_sent',
  'deadline_exceeded not_sent',
  'unavailable not_sent',
];
