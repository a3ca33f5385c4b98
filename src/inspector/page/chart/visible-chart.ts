import type { ChartEdge, ChartNode } from '../../feed/records.js';
import type { DrawnNode } from './shapes.js';

/** Most states that are drawn before the user opens more. */
export const MOST_DRAWN = 40;
/** Most children of one state that are drawn before the user opens more, and by how many each click adds. */
export const MOST_CHILDREN = 20;
/** Most states that are drawn at all: a layout of more takes seconds. */
export const MOST_AT_ONCE = 150;
/** Most labels of a line that stands for transitions of hidden states. */
const MOST_LABELS = 3;

/** Which states show their children, and how many of them. */
export type Opened = ReadonlyMap<string, number>;

/** The part of a chart that is drawn. */
export interface VisibleChart {
  /** The chart with its collapsed states as single boxes. */
  readonly chart: DrawnNode;
  /** The box that stands for each state. */
  readonly boxOf: ReadonlyMap<string, string>;
  readonly states: number;
  readonly hidden: number;
}

/**
 * Returns the states that are open at first: those on the path to the active states, then level by level, as long as at
 * most {@link MOST_DRAWN} states are drawn. The active path counts first.
 */
export function firstOpened(chart: ChartNode, active: ReadonlySet<string>): Opened {
  const opened = new Map<string, number>();
  let drawn = 0;
  const open = (node: ChartNode, limit: number): void => {
    const shown = Math.min(node.states.length, MOST_CHILDREN);
    if (shown === 0 || opened.has(idIn(chart, node)) || drawn + shown > limit) return;
    opened.set(idIn(chart, node), MOST_CHILDREN);
    drawn += shown;
  };
  open(chart, Number.POSITIVE_INFINITY);
  let level: readonly ChartNode[] = chart.states;
  const levels: (readonly ChartNode[])[] = [];
  while (level.length > 0) {
    for (const node of level) if (active.has(node.id) && isReached(node.id, opened)) open(node, MOST_DRAWN);
    levels.push(level);
    level = level.flatMap(({ states }) => states);
  }
  for (const nodes of levels) for (const node of nodes) if (isReached(node.id, opened)) open(node, MOST_DRAWN);
  return opened;
}

/** Returns the id of a state; an empty one for the root, because a state can have the machine's id as its key. */
function idIn(chart: ChartNode, node: ChartNode): string {
  return node === chart ? '' : node.id;
}

/** Tells whether the parent of a state is open. */
function isReached(id: string, opened: Opened): boolean {
  const dot = id.lastIndexOf('.');
  return dot === -1 || opened.has(id.slice(0, dot));
}

/** Opens all states on the path to the active ones. */
export function openedTo(opened: Opened, active: ReadonlySet<string>): Opened {
  return new Map([...[...active].map((id) => [id, MOST_CHILDREN] as const), ...opened]);
}

/** Opens a state, shows more of its children, or closes it. Keeps the picture below {@link MOST_AT_ONCE} states. */
export function toggled(opened: Opened, id: string): Opened {
  const next = new Map(opened);
  if (isMore(id)) {
    const parent = id.slice(0, -MORE.length);
    next.set(parent, (next.get(parent) ?? 0) + MOST_CHILDREN);
  } else if (!next.delete(id)) next.set(id, MOST_CHILDREN);
  return next;
}

/** Ends the id of the box that stands for the children that are left out. No state's id contains a line break. */
const MORE = '\nmore';

function isMore(id: string): boolean {
  return id.endsWith(MORE);
}

/** Returns the part of a chart that is drawn: closed states as single boxes, with the transitions of the states inside. */
export function visibleChart(chart: ChartNode, opened: Opened, active: ReadonlySet<string>): VisibleChart {
  const boxOf = new Map<string, string>([['', '']]);
  let drawn = 0;
  const hide = (nodes: readonly ChartNode[], box: string): number => {
    let count = 0;
    for (const node of nodes) {
      boxOf.set(node.id, box);
      count += 1 + hide(node.states, box);
    }
    return count;
  };
  const see = (node: ChartNode): DrawnNode => {
    const wanted = opened.get(idIn(chart, node));
    const room = MOST_AT_ONCE - drawn;
    if (node.states.length === 0) return node;
    if (wanted === undefined || room < 1) return { ...node, states: [], hidden: hide(node.states, node.id) };
    const shown = chosenOf(node, Math.min(wanted, room), active);
    drawn += shown.length;
    for (const child of shown) boxOf.set(child.id, child.id);
    const rest = node.states.filter((child) => !shown.includes(child));
    const states = shown.map(see);
    if (rest.length === 0) return { ...node, states };
    const id = `${idIn(chart, node)}${MORE}`;
    const hidden = hide(rest, id);
    return { ...node, states: [...states, moreOf(id, hidden)] };
  };
  const seen = see(chart);
  const drawnIds = new Set(boxOf.values());
  const edges = edgesBetween(chart, boxOf);
  const all = boxOf.size - 1;
  const shownStates = [...drawnIds].filter((id) => id !== '' && !isMore(id)).length;
  return { chart: withEdges(seen, edges, ''), boxOf, states: all, hidden: all - shownStates };
}

/** Returns the children that are drawn: the initial and the active ones, then in the order of the definition. */
function chosenOf({ states, initial }: ChartNode, most: number, active: ReadonlySet<string>): ChartNode[] {
  if (states.length <= most) return [...states];
  const first = states.filter(({ key, id }) => key === initial || active.has(id)).slice(0, most);
  const others = states.filter((state) => !first.includes(state)).slice(0, most - first.length);
  return states.filter((state) => first.includes(state) || others.includes(state));
}

function moreOf(id: string, hidden: number): DrawnNode {
  const nothing = { tags: [], invokes: [], entry: [], exit: [], states: [], edges: [] };
  return { key: `${hidden} more`, id, type: 'atomic', hidden, ...nothing };
}

/**
 * Returns the transitions by the box that they leave. Leaves out those inside one closed box, and those that leave states
 * which were left out: the box for these states would have a line to almost every other one.
 */
function edgesBetween(chart: ChartNode, boxOf: ReadonlyMap<string, string>): Map<string, ChartEdge[]> {
  const own = new Map<string, ChartEdge[]>();
  const lifted = new Map<string, ChartEdge[]>();
  const add = (to: Map<string, ChartEdge[]>, key: string, edge: ChartEdge): void => {
    const known = to.get(key);
    if (known === undefined) to.set(key, [edge]);
    else known.push(edge);
  };
  const visit = (node: ChartNode): void => {
    const id = idIn(chart, node);
    const box = boxOf.get(id) ?? '';
    for (const edge of node.edges) {
      const targets = edge.targets.flatMap((target) => boxOf.get(target) ?? []);
      const isWhole = box === id && targets.every((target, index) => target === edge.targets[index]);
      if (isWhole && targets.length === edge.targets.length) add(own, box, edge);
      else {
        for (const target of new Set(targets)) {
          if (target === box || isMore(box)) continue;
          add(lifted, `${box}\n\n${target}`, { ...edge, source: box, targets: [target] });
        }
      }
    }
    for (const child of node.states) visit(child);
  };
  visit(chart);
  for (const edges of lifted.values()) for (const edge of fewer(edges)) add(own, edge.source, edge);
  return own;
}

/** Returns one transition for each label, or one for all if there are too many. */
function fewer(edges: readonly ChartEdge[]): ChartEdge[] {
  const byLabel = new Map(edges.map((edge) => [`${edge.event} ${edge.guard ?? ''}`, edge]));
  const [first] = edges;
  if (byLabel.size <= MOST_LABELS || first === undefined) return [...byLabel.values()];
  const { source, targets, kind } = first;
  return [{ event: `${edges.length} transitions`, kind, source, targets, actions: [] }];
}

function withEdges(node: DrawnNode, edges: ReadonlyMap<string, ChartEdge[]>, id: string): DrawnNode {
  return {
    ...node,
    edges: edges.get(id) ?? [],
    states: node.states.map((child) => withEdges(child, edges, child.id)),
  };
}
