import { describe, expect, test } from 'vitest';
import { noteFigures } from '../../../support/figures.js';
import { mannersOfEnvironment, type OrderingMode, orderingOfEnvironment } from './environment.js';
import { type Figures, figuresOf } from './figures.js';
import { figuresTable } from './figures-table.js';
import { beyondProof } from './manners.js';

/**
 * `ORDERING_ANSWERS=1000000` plays this many answers in total, and prints the tables. `PROPERTY_ORDERING` selects one ordering,
 * `PROPERTY_MANNER` some behaviours. By default both orderings are played, `trusted` with a tenth of the answers.
 */
const asked = process.env.ORDERING_ANSWERS;
const answers = Number(asked ?? 6_000);
const only = orderingOfEnvironment();
const names = [...new Set([...mannersOfEnvironment(), ...beyondProof])];
/** Trust in the order must fail with these, or the stories would prove nothing. */
const misleading = names.filter((name) => ['lateDuplicate', 'stray', 'errorThenAnswer'].includes(name));

async function play(ordering: OrderingMode, ofAnswers: number): Promise<readonly Figures[]> {
  const all: Figures[] = [];
  for (const manner of names) all.push(await figuresOf(manner, ordering, ofAnswers / names.length));
  if (asked !== undefined) process.stdout.write(`\n${ordering}\n\n${figuresTable(all)}\n`);
  noteFigures(`ordering-${ordering}`, all);
  return all;
}

describe('every behaviour of a peer', () => {
  test.runIf(only === undefined || only === 'proved')(
    'gives no wrong answer if the order is proved',
    async () => {
      for (const { manner, wrong, examples, breaches, answers: given } of await play('proved', answers)) {
        if (beyondProof.includes(manner) && wrong <= given / 1_000) continue;
        expect({ manner, wrong, examples, breaches }).toEqual({ manner, wrong: 0, examples: [], breaches: [] });
      }
    },
    3_600_000,
  );

  test.runIf(only !== 'proved')(
    'gives wrong answers if the order is trusted and not kept',
    async () => {
      const all = await play(only ?? 'trusted', only === undefined ? answers / 10 : answers);
      const misled = all.filter(({ wrong }) => wrong > 0).map(({ manner }) => manner);
      expect(misled).toEqual(expect.arrayContaining(misleading));
      for (const { manner, breaches } of all) expect({ manner, breaches }).toEqual({ manner, breaches: [] });
    },
    3_600_000,
  );
});
