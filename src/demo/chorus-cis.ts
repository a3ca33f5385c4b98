import type { Correlation, Streaming } from '../server/index.js';
import type { ComponentName } from '../tekton/components.js';

/**
 * How a CI of the chorus behaves. `answers`: answers after its latency. `hangs`: reads the question and never answers.
 * `drops`: closes the connection after the question. `isDown`: nothing listens at its address.
 */
export type Behaviour = 'answers' | 'hangs' | 'drops' | 'isDown';

/** One CI of the embedded chorus. */
export interface ChorusCi {
  readonly name: ComponentName;
  readonly role: string;
  readonly behaviour: Behaviour;
  /** Time from the question to the answer, to its first word in a stream, or to the drop, in ms. */
  readonly latencyMs: number;
  readonly correlation: Correlation;
  readonly streaming: Streaming;
  /** Returns the answer to a quoted question. Its first line is short, because a chat shows only that line. */
  readonly say: (question: string) => string;
}

/**
 * The CIs of the chorus. Behaviour and latencies are fixed, so that two runs differ only by the machine's speed. The
 * slowest answer is well within the 2 s of a chat, so that it also succeeds on a busy machine.
 */
export const chorusCis: readonly ChorusCi[] = [
  {
    name: 'engram',
    role: 'memory',
    ...answers(24, 'byId', 'none'),
    say: (question) => `You asked ${question} before.\nI kept what came of it.`,
  },
  {
    name: 'hermes',
    role: 'messages',
    ...answers(20, 'byId', 'frames'),
    say: (question) => `${question} is at every door.\nOne dog barked.`,
  },
  {
    name: 'ergon',
    role: 'tasks',
    ...answers(60, 'ordered', 'none'),
    say: (question) => `${question} Five tasks, one done.\nThe other four are named.`,
  },
  {
    name: 'rhetor',
    role: 'language',
    ...answers(90, 'byId', 'frames'),
    say: (question) =>
      `Say it slowly: ${question}\nHalf of a good answer is in how the question is put, ` +
      'and the other half is in knowing where to stop.',
  },
  {
    name: 'terma',
    role: 'terminal',
    ...failing('drops', 40),
    say: (question) => `logout # ${question}`,
  },
  {
    name: 'athena',
    role: 'knowledge',
    ...answers(700, 'ordered', 'none'),
    say: (question) => `The books disagree on ${question}\nThat is where wisdom starts.`,
  },
  {
    name: 'prometheus',
    role: 'planning',
    ...answers(1100, 'byId', 'none'),
    say: (question) => `Steal fire first, then ${question}\nI write down the way back before I set out.`,
  },
  {
    name: 'harmonia',
    role: 'workflow',
    ...answers(110, 'ordered', 'frames'),
    say: (question) => `Listen, ${question}, then rest.\nDo not skip the rest.`,
  },
  {
    name: 'telos',
    role: 'goals',
    ...answers(75, 'byId', 'none'),
    say: (question) => `First ask what for, then ${question}\nThe goal picks the road.`,
  },
  {
    name: 'synthesis',
    role: 'integration',
    ...answers(500, 'byId', 'frames'),
    say: (question) => `Both halves of ${question} fit.\nThe seam holds.`,
  },
  {
    name: 'tekton_core',
    role: 'projects',
    ...answers(130, 'ordered', 'legacy'),
    say: (question) => `${question} is on the board now.\nIt hangs between two finished things.`,
  },
  {
    name: 'metis',
    role: 'analysis',
    ...answers(45, 'byId', 'none'),
    say: (question) => `${question} has four readings.\nOne of them is a trick.`,
  },
  {
    name: 'apollo',
    role: 'prediction',
    ...answers(35, 'byId', 'frames'),
    say: (question) => `${question} Settled by autumn.\nThe omens stand at four to one.`,
  },
  {
    name: 'penia',
    role: 'budget',
    ...failing('hangs', 0),
    say: (question) => `Not one obol for ${question}`,
  },
  {
    name: 'sophia',
    role: 'learning',
    ...answers(900, 'ordered', 'frames'),
    say: (question) => `Ask me ${question} in a year.\nI will know less, and better.`,
  },
  {
    name: 'noesis',
    role: 'discovery',
    ...failing('isDown', 0),
    say: (question) => `Not found yet: ${question}`,
  },
  {
    name: 'numa',
    role: 'companion',
    ...answers(160, 'ordered', 'none'),
    say: (question) => `I am with you on ${question}\nShall we begin with the small part?`,
  },
  {
    name: 'hephaestus',
    role: 'user interface',
    ...answers(200, 'byId', 'legacy'),
    say: (question) => `One button does ${question}\nIt even clicks.`,
  },
];

type Profile = Pick<ChorusCi, 'behaviour' | 'latencyMs' | 'correlation' | 'streaming'>;

function answers(latencyMs: number, correlation: Correlation, streaming: Streaming): Profile {
  return { behaviour: 'answers', latencyMs, correlation, streaming };
}

function failing(behaviour: Exclude<Behaviour, 'answers'>, latencyMs: number): Profile {
  return { behaviour, latencyMs, correlation: 'ordered', streaming: 'none' };
}
