import type { Chunk, Message, Outcome, Reply } from '../contract/index.js';
import type { ChoragusError } from '../errors/index.js';
import type { Call } from './call.js';

/** A whole answer, of one CI or of all. */
export type Answer = Pick<
  Reply,
  'content' | 'model' | 'usage' | 'finishReason' | 'reasoning' | 'toolCalls' | 'refusal' | 'timings'
>;

/** A piece of an answer. */
export type Piece = Pick<Chunk, 'kind' | 'content' | 'toolCall'>;

/** Receives the answer to one request of a client. */
export interface Asking {
  /** Takes a piece of the answer. If absent, the answer comes whole. */
  piece?(piece: Piece): void;
  /** Takes the whole answer. Nothing follows. */
  answer(answer: Answer): void;
  /** Takes the failure. Nothing follows. */
  failed(error: unknown): void;
}

/** Ends a request early. */
export type Cancel = () => void;

/** Sends a request. Returns a function that cancels it. */
export type Begin = (asking: Asking) => Cancel;

/** Returns what asks a CI for a client. When the client leaves, the request is cancelled. */
export function askFor(call: Call, ci: string, message: Message): Begin {
  return (asking) => {
    if (call.isOver) return () => {};
    const asked =
      asking.piece === undefined ? askWhole(call, ci, message, asking) : askStream(call, ci, message, asking);
    return call.endsWith(() => asked.unsubscribe(), asking.failed);
  };
}

function askWhole(call: Call, ci: string, message: Message, asking: Asking) {
  return call.pool.ask(ci, message, { priority: call.client.priority }).subscribe({
    next: (reply) => asking.answer(reply),
    error: (error: ChoragusError) => asking.failed(error),
  });
}

function askStream(call: Call, ci: string, message: Message, asking: Asking) {
  let whole: Reply | undefined;
  const onEnd = (reply: Reply): void => {
    whole = reply;
  };
  return call.pool.stream(ci, message, { priority: call.client.priority, onEnd }).subscribe({
    next: (chunk) => asking.piece?.(chunk),
    error: (error: ChoragusError) => asking.failed(error),
    // The pool calls `onEnd` before it completes.
    complete: () => asking.answer(whole as Reply),
  });
}

/** Receives the answers of several CIs to one request of a client. */
export interface TeamAsking {
  /** Takes a piece of one CI's answer. If absent, the answers come whole. */
  chunk?(chunk: Chunk): void;
  /** Takes one CI's answer or failure. */
  outcome(outcome: Outcome): void;
  /** Called when all have answered or failed. */
  over(): void;
  /** Takes a failure that concerns all, instead of the end. */
  failed(error: unknown): void;
}

/** Whom a broadcast asks, and for how long, in ms. */
export interface TeamTerms {
  readonly to: readonly string[];
  readonly deadlineMs: number;
}

/** Asks several CIs at once for a client. When the client leaves, all requests are cancelled. */
export function askTeamFor(call: Call, message: Message, terms: TeamTerms, team: TeamAsking): Cancel {
  if (call.isOver) return () => {};
  const { to, deadlineMs } = terms;
  // A CI that is slow to connect has the same time.
  const options = { to, deadlineMs, connectTimeoutMs: deadlineMs, stream: team.chunk !== undefined };
  const asked = call.pool.broadcast(message, options).subscribe({
    next: (one) => ('ok' in one ? team.outcome(one) : team.chunk?.(one)),
    complete: () => team.over(),
  });
  return call.endsWith(() => asked.unsubscribe(), team.failed);
}

/** Returns a whole answer. The promise stays open if the client leaves: nobody waits for it. */
export function wholeAnswer(begin: Begin): Promise<Answer> {
  return new Promise((resolve, reject) => {
    begin({ answer: resolve, failed: reject });
  });
}
