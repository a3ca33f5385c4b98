import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { setup } from 'xstate';
import { connectionMachine, orderingMachine, poolMachine } from '../../../machines/index.js';
import { drawMachine } from '../../support/draw-machine.js';

describe('the diagrams of the docs', () => {
  test.each([
    ['connection', connectionMachine],
    ['ordering', orderingMachine],
    ['pool', poolMachine],
  ])('docs/machines/%s.md matches the machine', async (name, machine) => {
    const file = fileURLToPath(new URL(`../../../docs/machines/${name}.md`, import.meta.url));
    // Vitest writes a missing file and passes; here only `-u` may write.
    if (expect.getState().snapshotState.snapshotUpdateState !== 'all') expect(existsSync(file), file).toBe(true);
    await expect(drawMachine(machine)).toMatchFileSnapshot(file);
  });
});

describe('drawMachine', () => {
  const machine = setup({
    guards: { isOpen: () => true },
    delays: { patience: 10 },
  }).createMachine({
    id: 'door',
    initial: 'shut',
    on: { burn: '.house.ashes' },
    states: {
      shut: { after: { patience: { target: 'house', guard: 'isOpen' } } },
      house: {
        initial: 'hall.way',
        states: { 'hall.way': { always: { target: 'ashes', guard: 'isOpen' } }, ashes: { type: 'final' } },
        onDone: 'shut',
      },
    },
  });
  const lines = drawMachine(machine).split('\n');

  test('nests states, with ids that Mermaid accepts', () => {
    expect(lines).toContain('  state "house" as house {');
    expect(lines).toContain('    state "hall.way" as house_hall_way');
    expect(lines).toContain('    [*] --> house_hall_way');
  });

  test('draws delays by name, guards, always, and the final state', () => {
    expect(lines).toContain('  shut --> house : after patience [isOpen]');
    expect(lines).toContain('  house_hall_way --> house_ashes : always [isOpen]');
    expect(lines).toContain('  house_ashes --> [*]');
    expect(lines).toContain('  house --> shut : onDone door.house');
  });

  test("draws a parent's transition to an inner state from each child, since Mermaid cannot", () => {
    expect(lines.filter((line) => line.endsWith(': burn'))).toEqual([
      '  shut --> house_ashes : burn',
      '  house_hall_way --> house_ashes : burn',
    ]);
  });
});
