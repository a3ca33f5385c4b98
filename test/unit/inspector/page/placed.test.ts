import { describe, expect, test } from 'vitest';
import { connectionMachine } from '../../../../machines/index.js';
import type { ConnectionState } from '../../../../src/contract/index.js';
import { chartOf } from '../../../../src/inspector/chart/chart-of.js';
import type { PlacedTransition } from '../../../../src/inspector/page/chart/activity.js';
import { coveredBy, dwellOf, takenOf } from '../../../../src/inspector/page/chart/activity.js';
import { placed, valueIn } from '../../../../src/inspector/page/chart/placed.js';

const chart = chartOf(connectionMachine);
const nodeOf = (id: string) => chart.states.find((state) => state.id === id) as (typeof chart)['states'][number];

function past(from: ConnectionState, to: ConnectionState, reason: string, at: number) {
  return { from, to, reason, attempt: 0, delayMs: 0, at };
}

/** The link is lost twice: kept up the first time, not wanted the second time. A request dials again each time. */
const history = [
  past('healthy', 'idle', 'connection_lost', 10),
  past('idle', 'connecting', 'wanted', 20),
  past('connecting', 'healthy', 'link_up', 20),
  past('healthy', 'idle', 'connection_lost', 30),
  past('idle', 'connecting', 'wanted', 70),
];
const dialling = { linked: { connecting: 'dialling' } };
const traces = [
  { at: 10, value: 'resting' },
  { at: 20, value: dialling },
  { at: 20, value: { linked: 'healthy' } },
  { at: 25, value: { linked: 'healthy' } },
  { at: 30, value: 'idle' },
  { at: 71, value: dialling },
];

/** How often the edge between two states was taken. */
function taken(visited: readonly PlacedTransition[], from: string, event: string, to: string): number {
  const edge = nodeOf(from).edges.find((one) => one.event === event && one.targets[0] === to);
  return takenOf(visited, edge as never, coveredBy(nodeOf(from)), coveredBy(nodeOf(to))).count;
}

const edges: readonly (readonly [from: string, event: string, to: string])[] = [
  ['linked', 'link.lost', 'idle'],
  ['linked', 'link.lost', 'resting'],
  ['idle', 'wanted', 'linked'],
  ['resting', 'wanted', 'linked'],
];

describe('of states that share a connection state', () => {
  test('a trace tells which one was left and entered: its edges and visits are counted, not those of the other', () => {
    const visited = placed(history, chart, traces);
    expect(edges.map((edge) => taken(visited, ...edge))).toEqual([1, 1, 1, 1]);
    expect(['idle', 'resting'].map((id) => dwellOf(visited, 'idle', id))).toEqual([
      { count: 1, meanMs: 40 },
      { count: 1, meanMs: 10 },
    ]);
  });

  test('what happened before the trace is counted for each: nothing tells them apart', () => {
    expect(edges.map((edge) => taken(placed(history, chart, []), ...edge))).toEqual([2, 2, 2, 2]);
    const later = placed(history, chart, traces.slice(4));
    expect(edges.map((edge) => taken(later, ...edge))).toEqual([2, 1, 2, 1]);
  });

  test('the last transition alone counts for the right edge: it is highlighted', () => {
    const last = placed(history, chart, traces).slice(-1);
    expect(edges.map((edge) => taken(last, ...edge))).toEqual([0, 0, 1, 0]);
  });
});

test('a traced value is shown if the connection is in its state', () => {
  expect(valueIn(chart, 'resting', 'idle')).toBe('resting');
  expect(valueIn(chart, dialling, 'connecting')).toBe(dialling);
  expect(valueIn(chart, dialling, 'healthy')).toBeUndefined();
  expect(valueIn(chart, undefined, 'idle')).toBeUndefined();
  expect(valueIn(chart, 'idle', undefined)).toBeUndefined();
});
