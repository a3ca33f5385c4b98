import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, createActor } from 'xstate';
import { connectionMachine } from '../../../../machines/index.js';
import { chartOf } from '../../../../src/inspector/chart/chart-of.js';
import type { ChartNode } from '../../../../src/inspector/feed/records.js';
import { activeIds } from '../../../../src/inspector/page/chart/activity.js';
import { layoutChart } from '../../../../src/inspector/page/chart/layout-chart.js';
import {
  firstOpened,
  MOST_AT_ONCE,
  MOST_CHILDREN,
  MOST_DRAWN,
  openedTo,
  toggled,
  visibleChart,
} from '../../../../src/inspector/page/chart/visible-chart.js';
import { flatMachine, largeMachine } from '../../../support/large-machines.mjs';

const idsIn = (node: ChartNode): string[] => node.states.flatMap((state) => [state.id, ...idsIn(state)]);
const edgesIn = (node: ChartNode): ChartNode['edges'] => [...node.edges, ...node.states.flatMap(edgesIn)];

const large = chartOf(largeMachine);
const flat = chartOf(flatMachine);
const activeOf = (machine: AnyStateMachine) => new Set(activeIds(createActor(machine).start().getSnapshot().value));

describe('a small machine', () => {
  test('is drawn whole', () => {
    const chart = chartOf(connectionMachine);
    const visible = visibleChart(chart, firstOpened(chart, new Set()), new Set());
    expect(idsIn(visible.chart)).toEqual(idsIn(chart));
    expect(edgesIn(visible.chart)).toEqual(edgesIn(chart));
    expect(visible.hidden).toBe(0);
  });
});

describe('a machine of 510 states in regions', () => {
  const active = new Set(['region3', 'region3.s2', 'region3.s2.s0']);
  const opened = firstOpened(large, active);
  const visible = visibleChart(large, opened, active);

  test('is drawn in part, with its active states', () => {
    const ids = idsIn(visible.chart);
    for (const id of active) expect(ids).toContain(id);
    expect(ids.length).toBeLessThanOrEqual(MOST_DRAWN);
    expect(visible.hidden).toBe(510 - ids.length);
  });

  test('is drawn in part also if a state of each region is active', () => {
    const all = activeOf(largeMachine);
    const { chart } = visibleChart(large, firstOpened(large, all), all);
    expect(idsIn(chart).length).toBeLessThanOrEqual(MOST_DRAWN);
  });

  test('counts the states in each closed box', () => {
    const counts: number[] = [];
    const visit = (node: typeof visible.chart): void => {
      if (node.hidden !== undefined) counts.push(node.hidden);
      node.states.forEach(visit);
    };
    visit(visible.chart);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(visible.hidden);
  });

  test('names a box for each state, so that a hidden active state is still seen', () => {
    const ids = new Set(idsIn(visible.chart));
    for (const id of idsIn(large)) expect(ids.has(visible.boxOf.get(id) as string), id).toBe(true);
    expect(visible.boxOf.get('region9.s1.s1')).toBe('region9');
  });

  test('draws no transition to a state that is not drawn', () => {
    const ids = new Set(idsIn(visible.chart));
    for (const edge of edgesIn(visible.chart)) for (const target of edge.targets) expect(ids.has(target)).toBe(true);
  });

  test('opens and closes a region', () => {
    const open = visibleChart(large, toggled(opened, 'region9'), active);
    expect(idsIn(open.chart)).toContain('region9.s4');
    const closed = visibleChart(large, toggled(toggled(opened, 'region9'), 'region9'), active);
    expect(closed.chart).toEqual(visible.chart);
  });

  test('opens the path to a state that became active', () => {
    const later = new Set(['region8', 'region8.s9', 'region8.s9.s3']);
    expect(visible.boxOf.get('region8.s9.s3')).toBe('region8');
    expect(visibleChart(large, openedTo(opened, later), later).boxOf.get('region8.s9.s3')).toBe('region8.s9.s3');
  });

  test('draws a limited number, also with everything open', () => {
    const all = new Map(['', ...idsIn(large)].map((id) => [id, 1_000]));
    const { chart } = visibleChart(large, all, active);
    expect(idsIn(chart).length).toBeLessThanOrEqual(MOST_AT_ONCE + 1);
  });
});

describe('a machine of 500 states side by side', () => {
  const active = new Set(['s77']);
  const opened = firstOpened(flat, active);
  const visible = visibleChart(flat, opened, active);

  test('is drawn in part: the initial state, the active one, and a box for the others', () => {
    const ids = idsIn(visible.chart);
    expect(ids).toHaveLength(MOST_CHILDREN + 1);
    expect([ids.includes('s0'), ids.includes('s77')]).toEqual([true, true]);
    expect(visible.chart.states.at(-1)).toMatchObject({ key: '480 more', hidden: 480 });
  });

  test('shows more of them with each click on that box', () => {
    const more = visible.chart.states.at(-1)?.id as string;
    const next = visibleChart(flat, toggled(opened, more), active);
    expect(next.chart.states.at(-1)).toMatchObject({ key: '460 more', hidden: 460 });
  });

  test('draws a line to the box for the others from each state that can change to one of them, and none from it', () => {
    const { wires } = layoutChart(visible.chart);
    const seen = new Set(visible.boxOf.values());
    const leaving = flat.states.filter(
      ({ id, edges }) => seen.has(id) && edges.some(({ targets }) => targets.some((target) => !seen.has(target))),
    );
    const more = visible.chart.states.at(-1)?.id;
    expect(leaving.length).toBeGreaterThan(15);
    expect(wires.filter(({ to }) => to === more).map(({ from }) => from)).toEqual(leaving.map(({ id }) => id));
    expect(wires.filter(({ from }) => from === more)).toEqual([]);
  });
});

test('a closed region keeps one line for many transitions into it', () => {
  const chart = chartOf(largeMachine);
  const [region, other] = chart.states;
  const edges = Array.from({ length: 20 }, (_, at) => ({
    event: `go${at}`,
    kind: 'event' as const,
    source: 'region0',
    targets: [`region1.s${at % 10}`],
    actions: [],
  }));
  const linked = { ...chart, states: [{ ...region, edges }, other] } as typeof chart;
  const { chart: drawn } = visibleChart(linked, new Map([['', 30]]), new Set());
  expect(drawn.states[0]?.edges).toMatchObject([{ event: '20 transitions', targets: ['region1'] }]);
});

test('a state with the same name as its machine is not taken for the machine', () => {
  const chart = chartOf(largeMachine);
  const named = { ...chart, id: 'region0' };
  const visible = visibleChart(named, firstOpened(named, new Set()), new Set());
  expect(layoutChart(visible.chart).boxes.map(({ node }) => node.id)).toEqual(idsIn(visible.chart));
});

test('the machines of these tests have the states that they say', () => {
  expect([idsIn(large).length, idsIn(flat).length]).toEqual([510, 500]);
  expect(activeOf(flatMachine)).toEqual(new Set(['s0']));
});
