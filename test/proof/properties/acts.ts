/** The CIs of the model. The peer of the first one is correct: it has none of the faults below. */
export const ciNames = ['sound', 'apollo', 'hermes'] as const;
export type CiName = (typeof ciNames)[number];
export type FaultyName = Exclude<CiName, 'sound'>;

/** The behaviour of a peer of the model, random for each of its connections. */
export interface PeerManner {
  readonly correlation: 'ordered' | 'byId';
  readonly streaming: 'frames' | 'legacy' | 'none';
  /** Where its packets are cut, in bytes; the pieces come this many ms apart. Used in turn. */
  readonly cuts: readonly { readonly atByte: number; readonly delayMs: number }[];
}

/** The limits of the pool. */
export interface PoolBounds {
  readonly maxConnections: number;
  readonly pipelining: number;
  readonly maxWaiting: number;
  readonly maxInFlight: number;
  readonly maxDials: number;
  readonly healthIntervalMs: number;
}

/**
 * What a peer does with a request: answers it, answers it twice if that can be detected, loses it, hangs for ever, answers
 * with an error or with an unfitting frame, or leaves in the middle of the answer (cleanly, or by a reset).
 */
export type Fate = 'answer' | 'twice' | 'lose' | 'hang' | 'error' | 'misfit' | 'half' | 'reset';

/** A request of a user, and what its peer will do with it. */
export interface Send {
  readonly do: 'send';
  readonly what: 'ask' | 'stream' | 'note' | 'info';
  readonly ci: CiName;
  readonly deadlineMs: number;
  readonly latencyMs: number;
  readonly fate: Fate;
  readonly whenDown: 'fail' | 'wait';
  readonly priority: 'high' | 'normal' | 'low';
  readonly signal: 'none' | 'shared';
  readonly retries: number;
}

/** The next act of a user of the model, or of the world around it. */
export type Act =
  | Send
  | {
      readonly do: 'broadcast';
      readonly replyMode: 'whole' | 'stream';
      readonly deadlineMs: number;
      readonly latencyMs: number;
      readonly fate: Fate;
    }
  | { readonly do: 'giveUp'; readonly which: number }
  | { readonly do: 'sendAndGiveUp'; readonly ci: CiName }
  | { readonly do: 'abort' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'add' | 'remove'; readonly ci: CiName; readonly drainTimeoutMs: number }
  | { readonly do: 'warm' }
  | { readonly do: 'close'; readonly drainTimeoutMs: number }
  | { readonly do: 'breakLinks'; readonly ci: FaultyName; readonly how: 'reset' | 'end' }
  | {
      readonly do: 'refuse' | 'hangDials' | 'hangUpOnDials' | 'stopReading';
      readonly ci: FaultyName;
      readonly ms: number;
    }
  | { readonly do: 'stray'; readonly ci: FaultyName; readonly type: 'chat_response' | 'pong' | 'stream_chunk' };

/** Returns an act as a sentence: a counterexample is a story of these. */
export function tell(act: Act): string {
  switch (act.do) {
    case 'send':
      return tellSend(act);
    case 'broadcast':
      return `broadcast (${act.replyMode}, deadline ${act.deadlineMs} ms); faulty peers: ${act.fate} after ${act.latencyMs} ms`;
    case 'giveUp':
      return `unsubscribe from the open request number ${act.which} (modulo their count)`;
    case 'sendAndGiveUp':
      return `ask ${act.ci} and unsubscribe in the same tick`;
    case 'abort':
      return 'abort the shared signal';
    case 'wait':
      return `wait ${act.ms} ms`;
    case 'add':
      return `add ${act.ci}`;
    case 'remove':
      return `remove ${act.ci} (drain for ${act.drainTimeoutMs} ms)`;
    case 'warm':
      return 'warm all';
    case 'close':
      return `close the pool (drain for ${act.drainTimeoutMs} ms)`;
    case 'breakLinks':
      return `${act.ci} ${act.how === 'reset' ? 'resets' : 'ends'} its links`;
    case 'stray':
      return `${act.ci} sends a ${act.type} that answers nothing`;
    default:
      return `${act.ci} does ${act.do} for ${act.ms} ms`;
  }
}

function tellSend({ what, ci, deadlineMs, latencyMs, fate, whenDown, priority, signal, retries }: Send): string {
  const extras = [
    whenDown === 'wait' ? 'waits for ready' : '',
    priority === 'normal' ? '' : `${priority} priority`,
    signal === 'shared' ? 'shared signal' : '',
    retries > 0 ? `retry(${retries})` : '',
  ].filter((extra) => extra !== '');
  const peer = ci === 'sound' ? `answer after ${latencyMs} ms` : `${fate} after ${latencyMs} ms`;
  return `${what} ${ci} (${[ci === 'sound' ? 'patient' : `deadline ${deadlineMs} ms`, ...extras].join(', ')}); the peer: ${peer}`;
}
