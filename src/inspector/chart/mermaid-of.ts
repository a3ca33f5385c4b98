import type { ChartEdge, ChartNode } from '../feed/records.js';

/**
 * Draws a chart as a Mermaid `stateDiagram-v2`. Skips transitions without a target: the picture shows only changes of state.
 *
 * @example
 * ```ts
 * console.log(mermaidOf(chartOf(connectionMachine)));
 * ```
 */
export function mermaidOf(chart: ChartNode): string {
  return ['stateDiagram-v2', ...drawChildren(chart, 1), ...nodesOf(chart).flatMap(drawEdges)].join('\n');
}

function nodesOf(node: ChartNode): ChartNode[] {
  return [node, ...node.states.flatMap(nodesOf)];
}

/** Draws the states inside a state, and the initial one. Edges come later, because Mermaid moves a state to the edge that names it. */
function drawChildren(parent: ChartNode, depth: number): string[] {
  const indent = '  '.repeat(depth);
  const lines: string[] = [];
  for (const child of parent.states) {
    const head = `${indent}state "${escapeLabel(child.key)}" as ${mermaidId(child.id)}`;
    if (child.states.length === 0) lines.push(head);
    else lines.push(`${head} {`, ...drawChildren(child, depth + 1), `${indent}}`);
  }
  const first = parent.states.find(({ key }) => key === parent.initial);
  return first === undefined ? lines : [...lines, `${indent}[*] --> ${mermaidId(first.id)}`];
}

function drawEdges(node: ChartNode): string[] {
  const lines = node.edges.flatMap((edge) =>
    edge.targets.flatMap((target) =>
      startsOf(node, target).map(
        (from) => `  ${mermaidId(from.id)} --> ${mermaidId(target)} : ${escapeLabel(labelOf(edge, node))}`,
      ),
    ),
  );
  // Mermaid has no final state: an edge to the end means the same.
  return node.type === 'final' ? [...lines, `  ${mermaidId(node.id)} --> [*]`] : lines;
}

/** Returns where an edge starts: Mermaid cannot draw an edge from a state into itself, so such an edge starts at its other children. */
function startsOf(node: ChartNode, target: string): ChartNode[] {
  if (!nodesOf(node).some(({ id }) => id === target && id !== node.id)) return [node];
  return node.states
    .filter(({ id, type }) => id !== target && type !== 'final')
    .flatMap((child) => startsOf(child, target));
}

/** Replaces all characters except letters, digits and `_`: Mermaid fails on a dot or `#` in an id. */
function mermaidId(id: string): string {
  return id.replace(/\W/g, '_');
}

/** Returns the event and the guard. The guard is `else` if a guarded transition for the same event comes before. */
function labelOf({ event, kind, guard }: ChartEdge, { edges }: ChartNode): string {
  const same = edges.filter((other) => other.event === event);
  const condition = guard ?? (same.findIndex((other) => other.guard === undefined) > 0 ? 'else' : undefined);
  const label = kind === 'done' || kind === 'error' ? event.replace(kind, endings[kind]) : event;
  return condition === undefined ? label : `${label} [${condition}]`;
}

const endings = { done: 'onDone', error: 'onError' } as const;

function escapeLabel(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/["#%:;<>{}\\]/g, (character) => `#${character.charCodeAt(0)};`);
}
