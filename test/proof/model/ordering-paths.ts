import { type OrderingEvent, type OrderingSnapshot, orderingMachine } from '../../../machines/index.js';
import { begin, type Step, step } from '../../unit/machines/step.js';

/** What the pool learns about a CI. */
export type Learnt = OrderingEvent['type'];
/** A path: events that teach, one after the other. */
export type OrderingPath = readonly Learnt[];

const learnable: readonly Learnt[] = [
  'answer.named',
  'answer.unnamed',
  'answer.unproved',
  'probes.answered',
  'probes.unanswered',
  'order.concurrent',
  'order.violated',
];

/** Returns the machine after each step of a path, as a pure function. */
export function replayOrdering(path: OrderingPath, ordering: 'proved' | 'trusted'): Step<typeof orderingMachine>[] {
  const steps = [begin(orderingMachine, { ordering }) as Step<typeof orderingMachine>];
  for (const type of path) {
    steps.push(step(orderingMachine, (steps.at(-1) as Step<typeof orderingMachine>).snapshot, { type }));
  }
  return steps;
}

/** Returns the states of a path, including the first one. */
export function statesAlong(path: OrderingPath): readonly unknown[] {
  return replayOrdering(path, 'proved').map(({ snapshot }) => snapshot.value);
}

/** The events that the machine handles. */
function nextOf(snapshot: OrderingSnapshot): Learnt[] {
  return learnable.filter((type) => orderingMachine.getTransitionData(snapshot as never, { type }).length > 0);
}

/**
 * Whether the world can do it. In `unknown` no request has a probe behind it, except one that was sent while the order was proved, and
 * that
 * the CI has held since.
 */
export function isPlayable(path: OrderingPath): boolean {
  const states = statesAlong(path);
  return path.every((type, i) => {
    if (type !== 'order.concurrent' || states[i] !== 'unknown') return true;
    const provedAt = states.lastIndexOf('proved', i);
    // Only one request is held.
    return (
      provedAt !== -1 &&
      !path.slice(provedAt, i).some((other, k) => other === type && states[provedAt + k] === 'unknown')
    );
  });
}

/** Returns all possible paths of this length: each shorter one is the beginning of one of them. */
export function orderingPaths(length: number): OrderingPath[] {
  let paths: OrderingPath[] = [[]];
  for (let i = 0; i < length; i += 1) {
    paths = paths.flatMap((path) => {
      const { snapshot } = replayOrdering(path, 'proved').at(-1) as Step<typeof orderingMachine>;
      return nextOf(snapshot).map((type) => [...path, type]);
    });
  }
  return paths.filter(isPlayable);
}
