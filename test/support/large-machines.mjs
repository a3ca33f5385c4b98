import { createMachine } from 'xstate';

function cycle(count, child) {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      `s${at}`,
      { ...child(), on: { [`next${at}`]: `s${(at + 1) % count}`, [`skip${at}`]: `s${(at * 7 + 3) % count}` } },
    ]),
  );
}

const leaves = () => cycle(4, () => ({}));
const regions = Array.from({ length: 10 }, (_, region) => [
  `region${region}`,
  { initial: 's0', states: cycle(10, () => ({ initial: 's0', states: leaves() })) },
]);

/** Ten regions of ten states, each with four states inside: 510 states. */
export const largeMachine = createMachine({
  id: 'large',
  type: 'parallel',
  context: { regions: 10 },
  states: Object.fromEntries(regions),
});

/** 500 states side by side, each with three transitions. */
export const flatMachine = createMachine({
  id: 'flat',
  initial: 's0',
  context: { states: 500 },
  states: Object.fromEntries(
    Array.from({ length: 500 }, (_, at) => [
      `s${at}`,
      { on: { next: `s${(at + 1) % 500}`, skip: `s${(at * 7 + 3) % 500}`, back: `s${(at + 499) % 500}` } },
    ]),
  ),
});
