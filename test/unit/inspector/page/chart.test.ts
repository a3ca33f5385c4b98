import { describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { connectionMachine, poolMachine } from '../../../../machines/index.js';
import { chartOf } from '../../../../src/inspector/chart/chart-of.js';
import { activeIds, coveredBy, dwellOf, idsByTag, takenOf } from '../../../../src/inspector/page/chart/activity.js';
import { layoutChart } from '../../../../src/inspector/page/chart/layout-chart.js';
import { type Box, LETTER_PX, LINE_PX, labelOf } from '../../../../src/inspector/page/chart/shapes.js';
import { visibleSegments, xOf } from '../../../../src/inspector/page/timeline/draw-lanes.js';

const foreign = createMachine({
  id: 'player',
  type: 'parallel',
  states: {
    track: { initial: 'paused', states: { paused: { on: { play: 'playing' } }, playing: { on: { pause: 'paused' } } } },
    volume: {
      initial: 'normal',
      states: {
        normal: { on: { mute: 'muted' } },
        muted: { on: { unmute: 'back' } },
        back: { type: 'history' },
        over: { type: 'final' },
      },
    },
  },
});

const isWithin = (inner: Box, outer: Box) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;
type Rect = Pick<Box, 'x' | 'y' | 'width' | 'height'>;
const isApart = (a: Rect, b: Rect) =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

describe.each([
  ['connection', connectionMachine],
  ['pool', poolMachine],
  ['a foreign one', foreign],
])('the chart of %s', (_name, machine) => {
  const chart = chartOf(machine);
  const { boxes, wires, width, height } = layoutChart(chart);
  const boxOf = (id: string) => boxes.find(({ node }) => node.id === id) as Box;

  test('draws each state inside its parent, and apart from its siblings', () => {
    for (const { node } of boxes) {
      for (const child of node.states) expect(isWithin(boxOf(child.id), boxOf(node.id)), child.id).toBe(true);
      for (const one of node.states) {
        for (const other of node.states) {
          if (one !== other) expect(isApart(boxOf(one.id), boxOf(other.id)), `${one.id} ${other.id}`).toBe(true);
        }
      }
    }
  });

  test('draws no label over another, or over the text of a state', () => {
    const labels = wires.map(({ at, edges }) => {
      const size = {
        width: Math.max(...edges.map((edge) => labelOf(edge).length)) * LETTER_PX,
        height: edges.length * LINE_PX,
      };
      return { name: edges.map(labelOf).join(), x: at.x - size.width / 2, y: at.y - size.height / 2, ...size };
    });
    const names = boxes.map(({ node, x, y, width, height }) => ({
      name: node.id,
      x,
      y,
      width,
      height: node.states.length > 0 ? LINE_PX : height,
    }));
    for (const [index, label] of labels.entries()) {
      for (const other of [...names, ...labels.slice(index + 1)]) {
        expect(isApart(label, other), `${label.name} and ${other.name}`).toBe(true);
      }
    }
  });

  test('stays on its canvas', () => {
    for (const box of boxes) {
      expect([box.x >= 0, box.y >= 0, box.x + box.width <= width, box.y + box.height <= height]).toEqual(
        Array(4).fill(true),
      );
    }
  });

  test('shows every transition to another state', () => {
    const drawn = new Set(wires.flatMap(({ edges }) => edges));
    const all = (nodes: readonly (typeof chart)[]): (typeof chart)[] => nodes.flatMap((n) => [n, ...all(n.states)]);
    const edges = all([chart]).flatMap((node) => node.edges);
    expect(edges.filter((edge) => edge.targets.length > 0 && !drawn.has(edge))).toEqual([]);
    for (const { points } of wires) expect(points.length).toBeGreaterThanOrEqual(2);
  });
});

describe('activity', () => {
  const chart = chartOf(connectionMachine);

  test('of an xstate value', () => {
    expect(activeIds('idle')).toEqual(['idle']);
    expect(activeIds({ linked: { connecting: 'dialling' } })).toEqual([
      'linked',
      'linked.connecting',
      'linked.connecting.dialling',
    ]);
    expect(activeIds(undefined)).toEqual([]);
  });

  test('of a public state, by its tag', () => {
    expect(idsByTag(chart, 'healthy')).toEqual(['linked', 'linked.healthy']);
  });

  test('counts visits and durations', () => {
    const past = (to: 'healthy' | 'reconnecting', at: number) => ({
      from: 'idle' as const,
      to,
      reason: 'link_up',
      attempt: 0,
      delayMs: 0,
      at,
    });
    const history = [past('healthy', 0), past('reconnecting', 100), past('healthy', 110), past('reconnecting', 410)];
    expect(dwellOf(history, 'healthy')).toEqual({ count: 2, meanMs: 200 });
    expect(dwellOf(history, 'reconnecting')).toEqual({ count: 2, meanMs: 10 });
    expect(dwellOf([], 'idle')).toEqual({ count: 0, meanMs: undefined });
  });

  test('finds the edge that was taken: by its states and its reason', () => {
    const lost = {
      from: 'healthy',
      to: 'reconnecting',
      reason: 'connection_lost',
      attempt: 1,
      delayMs: 5,
      at: 1,
    } as const;
    const linked = chart.states.find(({ key }) => key === 'linked');
    const edge = (event: string) =>
      linked?.edges.find((one) => one.event === event && one.targets[0] === 'reconnecting');
    expect(takenOf([lost], edge('link.lost') as never, undefined, ['reconnecting']).count).toBe(1);
    expect(takenOf([lost], edge('error link') as never, undefined, ['reconnecting']).count).toBe(0);
    const failed = { ...lost, reason: 'link_failed' };
    expect(takenOf([failed], edge('error link') as never, undefined, ['reconnecting']).count).toBe(1);
    const before = { ...lost, to: 'healthy', reason: 'link_up', at: -99 } as const;
    expect(takenOf([before, lost], edge('link.lost') as never, undefined, ['reconnecting']).meanMs).toBe(100);
  });
});

test('counts the edges into a state by the states inside it: `linked` is entered as `connecting`', () => {
  const chart = chartOf(connectionMachine);
  const nodeOf = (key: string) => chart.states.find((state) => state.key === key) as (typeof chart.states)[number];
  const past = (from: 'idle' | 'reconnecting', reason: string, at: number) => ({
    from,
    to: 'connecting' as const,
    reason,
    attempt: 0,
    delayMs: 0,
    at,
  });
  const history = [
    past('idle', 'wanted', 1),
    past('reconnecting', 'backoff_over', 2),
    past('reconnecting', 'asked_for', 3),
  ];
  const taken = (from: string, event: string) =>
    nodeOf(from)
      .edges.filter((edge) => edge.event === event && edge.targets[0] === 'linked')
      .map((edge) => takenOf(history, edge, coveredBy(nodeOf(from)), coveredBy(nodeOf('linked'))).count);
  expect([taken('idle', 'wanted'), taken('reconnecting', 'after backoff'), taken('reconnecting', 'hurry')]).toEqual([
    [1],
    [1],
    [1],
  ]);
});

test('cuts time segments to the visible range', () => {
  const lane = {
    name: 'a',
    segments: [
      { state: 'idle', from: 0, to: 10, reason: '' },
      { state: 'healthy', from: 10, to: 50, reason: '' },
      { state: 'reconnecting', from: 50, to: undefined, reason: '' },
    ],
  } as const;
  const seen = visibleSegments(lane, { from: 20, to: 60 });
  expect(seen.map(({ state, from, to }) => [state, from, to])).toEqual([
    ['healthy', 20, 50],
    ['reconnecting', 50, 60],
  ]);
  const place = { width: 240, height: 10, names: 140, laneHeight: 10, first: 0 };
  expect([xOf(20, { from: 20, to: 60 }, place), xOf(60, { from: 20, to: 60 }, place)]).toEqual([140, 240]);
});
