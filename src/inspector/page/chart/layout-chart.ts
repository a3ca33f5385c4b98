import { Graph, layout } from '@dagrejs/dagre';
import type { ChartEdge } from '../../feed/records.js';
import { cutEnd, middleOf } from './cut-end.js';
import {
  type Box,
  type ChartLayout,
  type DrawnNode,
  LETTER_PX,
  LINE_PX,
  labelOf,
  type Point,
  type Rect,
  type Wire,
} from './shapes.js';
import { spreadLabels } from './spread-labels.js';

const NAME_LETTER_PX = 7.6;
const HEAD_PX = 26;
const PAD_PX = 22;
/** Space below the lowest state, for its mean duration. */
const FOOT_PX = 14;

/**
 * Places the states and transitions of a chart. A parent is a box around its children. dagre routes no edge to or from a box with children,
 * so such an edge begins or ends at a child.
 *
 * @see Gansner et al., "A Technique for Drawing Directed Graphs", 1993, which dagre follows.
 */
export function layoutChart(chart: DrawnNode): ChartLayout {
  const graph = new Graph({ compound: true, multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 30, ranksep: 58, edgesep: 18, marginx: 14, marginy: 14 });
  graph.setDefaultEdgeLabel(() => ({}));
  const nodes = flatten(chart);
  for (const { node, parent } of nodes) {
    graph.setNode(node.id, sizeOf(node));
    if (parent !== undefined && parent !== chart) graph.setParent(node.id, parent.id);
  }
  const routes = routesOf(chart, nodes);
  for (const { key, ends, edges } of routes) {
    const width = Math.max(...edges.map((edge) => labelOf(edge).length)) * LETTER_PX + 14;
    graph.setEdge(ends[0], ends[1], { width, height: edges.length * LINE_PX + 6, labelpos: 'c' }, key);
  }
  layout(graph);
  return measured(graph, nodes, routes);
}

interface Placed {
  readonly node: DrawnNode;
  readonly parent: DrawnNode | undefined;
  readonly depth: number;
}

interface Route extends Pick<Wire, 'key' | 'edges' | 'from' | 'to'> {
  /** The two states without children that dagre routes it between. */
  readonly ends: readonly [string, string];
}

/** Returns all states except the root, parents first. */
function flatten(chart: DrawnNode, parent: DrawnNode | undefined = chart, depth = 0): Placed[] {
  return chart.states.flatMap((node) => [{ node, parent, depth }, ...flatten(node, node, depth + 1)]);
}

function sizeOf(node: DrawnNode): { width: number; height: number } {
  const notes = notesOf(node);
  // Includes space beside the name for the number of entries.
  const width = Math.max(node.key.length * NAME_LETTER_PX + 58, ...notes.map((line) => line.length * LETTER_PX + 28));
  return { width, height: HEAD_PX + 10 + notes.length * LINE_PX };
}

function notesOf(node: DrawnNode): string[] {
  const stays = node.edges.filter(({ targets }) => targets.length === 0).map((edge) => `↺ ${labelOf(edge)}`);
  const inside = node.hidden === undefined ? [] : [`▸ ${node.hidden} ${node.hidden === 1 ? 'state' : 'states'}`];
  return [...inside, ...node.invokes.map((name) => `⟳ ${name}`), ...new Set(stays)];
}

/** Groups the transitions of each pair of states: one line is easier to read than five. */
function routesOf(chart: DrawnNode, nodes: readonly Placed[]): Route[] {
  const byPair = new Map<string, ChartEdge[]>();
  for (const node of [chart, ...nodes.map((one) => one.node)]) {
    for (const edge of node.edges) {
      for (const target of edge.targets) {
        // The machine's id can be the key of one of its states, too.
        const key = `${node === chart ? '' : edge.source} → ${target}`;
        byPair.set(key, [...(byPair.get(key) ?? []), edge]);
      }
    }
  }
  return [...byPair].flatMap(([key, edges]) => {
    const [from = '', to = ''] = key.split(' → ');
    const ends = [leafOf(from, nodes, chart), leafOf(to, nodes, chart)] as const;
    return ends[0] === undefined || ends[1] === undefined
      ? []
      : [{ key, edges, from, to, ends: [ends[0], ends[1]] as const }];
  });
}

/** Returns the state itself, or its initial descendant without children. */
function leafOf(id: string, all: readonly Placed[], chart: DrawnNode): string | undefined {
  const node = id === '' ? chart : all.find((one) => one.node.id === id)?.node;
  if (node === undefined) return undefined;
  const child = node.states.find(({ key }) => key === node.initial) ?? node.states[0];
  return child === undefined ? id : leafOf(child.id, all, chart);
}

function measured(graph: Graph, nodes: readonly Placed[], routes: readonly Route[]): ChartLayout {
  const boxes = nodes.map(({ node, depth }): Box => {
    const { x, y, width, height } = graph.node(node.id) as Required<{
      x: number;
      y: number;
      width: number;
      height: number;
    }>;
    // Space for a parent's name and notes above its children.
    const head = node.states.length === 0 ? 0 : PAD_PX + notesOf(node).length * LINE_PX;
    return {
      node,
      x: x - width / 2,
      y: y - height / 2 - head,
      width,
      height: height + head,
      depth,
      notes: notesOf(node),
    };
  });
  const byId = new Map(boxes.map((box) => [box.node.id, box]));
  const boxOf = (id: string): Box | undefined => byId.get(id);
  const wires = routes.map(({ key, edges, from, to, ends }): Wire => {
    const { points, x, y } = graph.edge(ends[0], ends[1], key) as { points: Point[]; x: number; y: number };
    // Routed from child to child, but drawn from border to border.
    const outside = cutEnd(cutEnd(points, boxOf(from)).reverse(), boxOf(to)).reverse();
    return { key, edges, from, to, points: outside, at: outside.length < points.length ? middleOf(outside) : { x, y } };
  });
  const top = Math.min(0, ...boxes.map(({ y }) => y - 10));
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const lower = (y: number): number => y - top;
  const placed = boxes.map((box) => ({ ...box, y: lower(box.y) }));
  return {
    width,
    height: height - top + FOOT_PX,
    boxes: placed,
    wires: spreadLabels(
      wires.map((wire) => ({
        ...wire,
        points: wire.points.map(({ x, y }) => ({ x, y: lower(y) })),
        at: { x: wire.at.x, y: lower(wire.at.y) },
      })),
      placed.map(writtenIn),
    ),
  };
}

/** Returns the part of a box that contains its name and notes: for a parent, the head. */
function writtenIn({ node, x, y, width, height, notes }: Box): Rect {
  return { x, y, width, height: node.states.length === 0 ? height : HEAD_PX + notes.length * LINE_PX };
}
