import type { AnyStateMachine } from 'xstate';
import { createMachine } from 'xstate';

/** Returns a machine with ten regions of ten states, each with four states inside: 510 states. */
export function largeMachine(): AnyStateMachine {
  const cycle = (count: number, child: (index: number) => object) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [
        `s${at}`,
        { ...child(at), on: { [`next${at}`]: `s${(at + 1) % count}`, [`skip${at}`]: `s${(at * 7 + 3) % count}` } },
      ]),
    );
  const regions = Array.from({ length: 10 }, (_, region) => [
    `region${region}`,
    {
      initial: 's0',
      states: cycle(10, () => ({ initial: 's0', states: cycle(4, () => ({})) })),
    },
  ]);
  return createMachine({ id: 'large', type: 'parallel', states: Object.fromEntries(regions) });
}

/** Returns a machine of 500 states side by side, each with three transitions. */
export function flatMachine(): AnyStateMachine {
  const states = Array.from({ length: 500 }, (_, at) => [
    `s${at}`,
    { on: { next: `s${(at + 1) % 500}`, skip: `s${(at * 7 + 3) % 500}`, back: `s${(at + 499) % 500}` } },
  ]);
  return createMachine({ id: 'flat', initial: 's0', states: Object.fromEntries(states) });
}
