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
    'Decides how the answers of one agent (CI) are matched to requests: by id, by a proved or trusted order, or not at all.',
  context: ({ input }) => ({ ordering: input.ordering }),
  initial: 'asked',
  states: {
    asked: {
      description: 'Reads the option `ordering`.',
      always: [
        { guard: 'isTrusted', target: 'trusted', description: 'The user guarantees the order.' },
        { target: 'unknown', description: 'The pool must find out.' },
      ],
    },
    unknown: {
      description: 'One request at a time. The pool examines the CI behind its first answer without an id.',
      on: {
        'answer.named': { target: 'byId', description: 'An answer to a request carried its id.' },
        'probes.answered': {
          target: 'proved',
          description: 'The CI answered the probes behind an answer, in order.',
        },
        'probes.unanswered': {
          target: 'fresh',
          description: 'The CI refused or ignored the first probe, or closed the link.',
        },
        'order.concurrent': { target: 'fresh', description: 'A probe was answered before the request in front of it.' },
      },
    },
    byId: {
      description: 'Each answer carries the id of its request.',
      on: {
        'answer.unnamed': {
          target: 'unknown',
          description: 'The first answer on a new connection had no id: it may be another CI.',
        },
      },
    },
    proved: {
      description: 'Answers come in order, and a probe behind each request proves it.',
      on: {
        'answer.named': { target: 'byId', description: 'An answer to a request carried its id.' },
        'answer.unproved': { target: 'fresh', description: 'A connection ended between an answer and its proof.' },
        'order.concurrent': { target: 'fresh', description: 'A probe was answered before the request in front of it.' },
        'order.violated': {
          target: 'unknown',
          description: 'A line too many or too few came before a proof: the pool examines the CI again.',
        },
      },
    },
    fresh: {
      description: 'Answers cannot be matched: each request gets a fresh connection.',
      on: {
        'answer.named': { target: 'byId', description: 'An answer to a request carried its id.' },
        'probes.answered': {
          target: 'proved',
          description: 'The pool examined the CI again, and it answered probes.',
        },
      },
    },
    trusted: {
      description: 'Answers come in order: the user guarantees it. If answers carry ids, the ids decide.',
    },
  },
});

/** Describes the machine at one moment. */
export type OrderingSnapshot = SnapshotFrom<typeof orderingMachine>;
