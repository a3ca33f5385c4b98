/** The kind of a question: `note` is a type of the wire that no peer knows, the last three are a caller's own probes. */
export type Kind = 'ask' | 'stream' | 'note' | 'ping' | 'health' | 'info';

/** The fault of a peer. `strayAnytime` may also come before a connection's first answer. */
export type LineFault =
  | 'none'
  | 'lateDuplicate'
  | 'lateProbeDuplicate'
  | 'immediateDuplicate'
  | 'stray'
  | 'strayAnytime'
  | 'greeting'
  | 'errorThenAnswer'
  | 'drop'
  | 'replay';

/** The behaviour of a model peer. */
export interface Manner {
  readonly serving: 'serial' | 'sideBySide';
  /** Longest work for an answer, in ms. A serial peer works only for questions, another one for probes as well. */
  readonly workMs: number;
  /** Its answer to `ping`, `health` and `info`. `chats`: it answers every line with a `chat_response`. */
  readonly probes: 'answers' | 'ignores' | 'refuses' | 'chats' | 'hangsUp' | 'knowsPingAlone';
  /** The replies that echo the `request_id`. */
  readonly ids: 'none' | 'probes' | 'all';
  /** `legacy`: `chunk` and `complete` without ids, in turn. `frames`: with ids, from a background task. */
  readonly streaming: 'none' | 'legacy' | 'frames';
  /** Whether a `pong` holds an increasing `timestamp`, as the original's does. */
  readonly timestamps: 'increasing' | 'none';
  readonly fault: LineFault;
  /** The share of answers with the fault. */
  readonly faultShare: number;
  readonly closes: 'never' | 'idle' | 'afterFive' | 'afterEach';
  readonly kinds: readonly Kind[];
  /** Whether its links are cut at random. */
  readonly cuts: 'drawn' | 'never';
  /** Maximum number of requests outstanding on one connection: more than 1 if the proof holds for them. */
  readonly pipelining: readonly number[];
}

const QUESTIONS: readonly Kind[] = ['ask', 'ask', 'stream', 'note'];
const serial: Manner = {
  serving: 'serial',
  workMs: 4,
  probes: 'answers',
  ids: 'none',
  streaming: 'none',
  timestamps: 'increasing',
  fault: 'none',
  faultShare: 0,
  closes: 'never',
  kinds: QUESTIONS,
  cuts: 'drawn',
  pipelining: [1, 1, 2, 3],
};
const sound: Manner = { ...serial, kinds: [...QUESTIONS, ...QUESTIONS, 'ping', 'health', 'info'] };
const faulty = (fault: LineFault, faultShare: number): Manner => ({ ...serial, fault, faultShare });

/**
 * The behaviours of peers.
 *
 * Left out, because no client can detect it (`docs/wire-protocol.md`):
 *
 * - A lost answer and an extra one in the same interval: a peer has one fault, never two.
 * - An extra line in the interval in which the link is cut: the peer's links are cut only while `PeerLink.mayBeCut`.
 * - A replay of an answer and a probe reply of the *matching* type: `replay` repeats the last pair, whose type is another's turn.
 *   So no peer with a fault is asked for a caller's own `ping`, `health` or `info`, whose repeated reply would be such a pair.
 * - Two answers swapped, each before a valid probe reply: no `sideBySide` peer gets `pipelining` above 1.
 * - An extra answer from a `sideBySide` peer: it can stand before a probe reply that overtook the true answer. `concurrentDuplicates` is in
 *   the table of figures alone, to show how seldom that is.
 * - An extra line before the only answer of a connection without a probe: a peer that answers none has no fault. A link that is
 *   cut behind a probe looks like a peer that hangs up on probes, so the links of a peer that says such a line are never cut.
 * - A mix-up inside the peer.
 */
export const manners = {
  serial: { ...sound, workMs: 0 },
  serialWork: { ...sound, workMs: 6, timestamps: 'none' },
  concurrent: { ...serial, serving: 'sideBySide', workMs: 6, pipelining: [1] },
  concurrentDuplicates: {
    ...faulty('lateDuplicate', 0.05),
    serving: 'sideBySide',
    workMs: 6,
    pipelining: [1],
    cuts: 'never',
  },
  noPing: { ...serial, probes: 'ignores' },
  refusesProbes: { ...serial, probes: 'refuses' },
  dumb: { ...serial, probes: 'chats', kinds: ['ask', 'stream'] },
  hangsUpOnProbe: { ...serial, probes: 'hangsUp' },
  knowsPingAlone: { ...serial, probes: 'knowsPingAlone' },
  idsOnPongs: { ...sound, ids: 'probes' },
  byId: { ...sound, serving: 'sideBySide', workMs: 6, ids: 'all', streaming: 'frames', pipelining: [1] },
  lateDuplicate: faulty('lateDuplicate', 0.05),
  lateProbeDuplicate: faulty('lateProbeDuplicate', 0.05),
  immediateDuplicate: faulty('immediateDuplicate', 0.05),
  stray: faulty('stray', 0.05),
  strayAnytime: { ...faulty('strayAnytime', 0.05), cuts: 'never' },
  greeting: { ...faulty('greeting', 1), cuts: 'never' },
  errorThenAnswer: faulty('errorThenAnswer', 0.05),
  drop: faulty('drop', 0.02),
  replay: faulty('replay', 0.02),
  idleClose: { ...sound, closes: 'idle' },
  closeAfterFive: { ...sound, closes: 'afterFive' },
  oneShot: { ...sound, closes: 'afterEach' },
  legacyStreams: { ...sound, streaming: 'legacy' },
  framedStreams: { ...sound, streaming: 'frames' },
} as const satisfies Record<string, Manner>;

/** Behaviours whose faults no client can detect for certain. */
export const beyondProof: readonly MannerName[] = ['concurrentDuplicates'];

export type MannerName = keyof typeof manners;
export const mannerNames = Object.keys(manners) as MannerName[];
