import { type SnapshotFrom, setup } from 'xstate';

/** Lists what can be learned about a CI's answers. */
export type OrderingEvent =
  | { readonly type: 'answer.named' }
  | { readonly type: 'answer.unnamed' }
  | { readonly type: 'answer.unproved' }
  | { readonly type: 'probes.answered' }
  | { readonly type: 'probes.unanswered' }
  | { readonly type: 'order.concurrent' }
  | { readonly type: 'order.violated' };

const orderingSetup = setup({
  types: {
    input: {} as { readonly ordering: 'proved' | 'trusted' },
    context: {} as { readonly ordering: 'proved' | 'trusted' },
    events: {} as OrderingEvent,
  },
  guards: {
    isTrusted: ({ context }) => context.ordering === 'trusted',
  },
});

/**
 * Decides how the answers of one CI are matched to requests. It belongs to the CI, not to a connection: what one
 * connection learned holds for the next.
 *
 * No actor runs it: the CI's judge computes its next state whenever it learns something, which is rare.
 */
export const orderingMachine = orderingSetup.createMachine({
  id: 'ordering',
  description:
    'How the answers of one CI are matched to requests: by id, by an order that is proved or trusted, or not at all.',
  context: ({ input }) => ({ ordering: input.ordering }),
  initial: 'asked',
  states: {
    asked: {
      description: 'What the user has set.',
      always: [
        { guard: 'isTrusted', target: 'trusted', description: 'The user guarantees the order.' },
        { target: 'unknown', description: 'The pool has to find out.' },
      ],
    },
    unknown: {
      description: 'One request at a time. The CI is examined behind its first answer without an id.',
      on: {
        'answer.named': { target: 'byId', description: 'An answer to a request carried its id.' },
        'probes.answered': {
          target: 'proved',
          description: 'The probes behind an answer were answered in order.',
        },
        'probes.unanswered': {
          target: 'fresh',
          description: 'It refused, ignored or disconnected at the first probe.',
        },
        'order.concurrent': { target: 'fresh', description: 'A probe overtook the request before it.' },
      },
    },
    byId: {
      description: 'By the id that each answer carries.',
      on: {
        'answer.unnamed': {
          target: 'unknown',
          description: 'The first answer on a new connection had no id: perhaps another CI.',
        },
      },
    },
    proved: {
      description: 'By their order, which a probe behind each request proves.',
      on: {
        'answer.named': { target: 'byId', description: 'An answer to a request carried its id.' },
        'answer.unproved': { target: 'fresh', description: 'A connection ended between an answer and its proof.' },
        'order.concurrent': { target: 'fresh', description: 'A probe overtook the request before it.' },
        'order.violated': {
          target: 'unknown',
          description: 'Not exactly one answer came before a proof: find out again.',
        },
      },
    },
    fresh: {
      description: 'Not at all: each request has a fresh connection.',
      on: {
        'answer.named': { target: 'byId', description: 'An answer to a request carried its id.' },
        'probes.answered': {
          target: 'proved',
          description: 'Examined again, many requests or minutes later: it answers probes.',
        },
      },
    },
    trusted: {
      description: 'By their order, which the user guarantees. If answers carry ids, by these.',
    },
  },
});

/** Describes the machine at one moment. */
export type OrderingSnapshot = SnapshotFrom<typeof orderingMachine>;
