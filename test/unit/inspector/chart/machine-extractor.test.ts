import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { connectionMachine, poolMachine } from '../../../../machines/index.js';
import { chartOf } from '../../../../src/inspector/chart/chart-of.js';
import type { ChartNode } from '../../../../src/inspector/feed/records.js';
import { loadMachineExtractor } from '../../../support/load-machine-extractor.js';
import { root } from '../../../support/source-files.js';

const { extractMachinesFromFile } = loadMachineExtractor();

/** What Stately's tools read from a machine's source text. */
interface Extracted {
  readonly states?: Readonly<Record<string, Extracted>>;
  readonly on?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
}

/** Returns every state with its events, by path. */
function outlineOf(node: Extracted, path = ''): string[] {
  const events = Object.keys(node.on ?? {}).filter((event) => !event.startsWith('xstate.error.actor.'));
  const own = `${path}: ${[...events, ...Object.keys(node.after ?? {}).map((delay) => `after ${delay}`)].sort().join(', ')}`;
  return [
    own,
    ...Object.entries(node.states ?? {}).flatMap(([key, child]) =>
      outlineOf(child, path === '' ? key : `${path}.${key}`),
    ),
  ];
}

function outlineOfChart(node: ChartNode, path = ''): string[] {
  const events = node.edges.filter(({ kind }) => kind === 'event' || kind === 'after').map(({ event }) => event);
  const own = `${path}: ${[...new Set(events)].sort().join(', ')}`;
  return [
    own,
    ...node.states.flatMap((child) => outlineOfChart(child, path === '' ? child.key : `${path}.${child.key}`)),
  ];
}

test.each([
  ['connection', connectionMachine],
  ['pool', poolMachine],
])('tools that draw and edit machines can read all of machines/%s.machine.ts', (name, machine) => {
  const text = readFileSync(`${root}machines/${name}.machine.ts`, 'utf8');
  // It reports each function parameter as unreadable; these are no part of a chart.
  const silenced = vi.spyOn(console, 'error').mockImplementation(() => {});
  const silencedToo = vi.spyOn(console, 'log').mockImplementation(() => {});
  const found = extractMachinesFromFile(text);
  expect(found?.machines).toHaveLength(1);
  silenced.mockRestore();
  silencedToo.mockRestore();
  const config = found?.machines[0]?.toConfig() as Extracted;
  expect(outlineOf(config)).toEqual(outlineOfChart(chartOf(machine)));
});
