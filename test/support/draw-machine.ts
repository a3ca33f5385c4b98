import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { statesOf, transitionsOf } from './walk-machine.js';

/**
 * A machine as a page of Markdown: a Mermaid `stateDiagram-v2`, a table of its states and one of its transitions.
 * Transitions that stay where they are stand in the table only, so that the picture shows what changes a state.
 *
 * @example
 * ```ts
 * await expect(drawMachine(poolMachine)).toMatchFileSnapshot('../../docs/machines/pool.md');
 * ```
 */
export function drawMachine(machine: AnyStateMachine): string {
  const { root } = machine;
  return [
    `# The statechart of \`${root.id}\``,
    '',
    '<!-- Generated from the machine by test/machines/diagrams.test.ts; `npx vitest run test/machines/diagrams.test.ts -u` writes it anew. -->',
    '',
    ...(root.description === undefined ? [] : [root.description, '']),
    '```mermaid',
    'stateDiagram-v2',
    ...drawChildren(root, 1),
    ...statesOf(machine).flatMap((node) => drawTransitions(node)),
    '```',
    '',
    'Transitions that do not leave their state are in the table below, not in the picture.',
    '',
    '## States',
    '',
    ...table(['state', 'description', 'tags', 'invokes'], statesOf(machine).map(stateRow)),
    '',
    '## Transitions',
    '',
    ...table(
      ['from', 'event', 'guard', 'to', 'description', 'actions'],
      statesOf(machine).flatMap((node) => transitionsOf(node).map((transition) => transitionRow(node, transition))),
    ),
    '',
  ].join('\n');
}

/** The states inside one, and where they begin. The edges come later: Mermaid moves a state to where an edge names it. */
function drawChildren(parent: AnyStateNode, depth: number): string[] {
  const indent = '  '.repeat(depth);
  const lines: string[] = [];
  for (const child of Object.values(parent.states)) {
    const head = `${indent}state "${escapeLabel(child.key)}" as ${mermaidId(child)}`;
    if (Object.keys(child.states).length === 0) lines.push(head);
    else lines.push(`${head} {`, ...drawChildren(child, depth + 1), `${indent}}`);
  }
  if (parent.type === 'compound') {
    for (const target of parent.initial.target) lines.push(`${indent}[*] --> ${mermaidId(target)}`);
  }
  return lines;
}

function drawTransitions(node: AnyStateNode): string[] {
  const lines = transitionsOf(node).flatMap((transition) =>
    (transition.target ?? []).flatMap((target: AnyStateNode) =>
      startsOf(node, target).map(
        (from) => `  ${mermaidId(from)} --> ${mermaidId(target)} : ${escapeLabel(labelOf(node, transition))}`,
      ),
    ),
  );
  // Mermaid knows an end, but no final state: an edge to the end says the same.
  return node.type === 'final' ? [...lines, `  ${mermaidId(node)} --> [*]`] : lines;
}

/** Mermaid cannot draw an edge from a state to one inside it: such a transition starts at each of its other children. */
function startsOf(node: AnyStateNode, target: AnyStateNode): AnyStateNode[] {
  if (node === target || !isInside(target, node)) return [node];
  return Object.values(node.states)
    .filter((child) => child !== target && child.type !== 'final')
    .flatMap((child) => startsOf(child, target));
}

function isInside(node: AnyStateNode, ancestor: AnyStateNode): boolean {
  return node.parent !== undefined && (node.parent === ancestor || isInside(node.parent, ancestor));
}

/** Only letters, digits and `_`: a dot or `#` in an id ends Mermaid's parser. */
function mermaidId(node: AnyStateNode): string {
  return node.path.map((key) => key.replace(/\W/g, '_')).join('_') || 'root';
}

function labelOf(node: AnyStateNode, transition: AnyTransitionDefinition): string {
  const guard = guardOf(node, transition);
  return guard === '' ? eventOf(transition) : `${eventOf(transition)} [${guard}]`;
}

function eventOf(transition: AnyTransitionDefinition & { readonly delay?: unknown }): string {
  const { eventType } = transition;
  if (eventType === '') return 'always';
  if (transition.delay !== undefined) return `after ${transition.delay}`;
  const [, ending, actor] = /^xstate\.(error|done)\.(?:actor|state)\.(.*)$/.exec(eventType) ?? [];
  if (ending === undefined) return eventType;
  return `${ending === 'error' ? 'onError' : 'onDone'} ${actor}`;
}

/** The guard's name; `else` for what follows guarded ones of the same event. */
function guardOf(node: AnyStateNode, transition: AnyTransitionDefinition): string {
  if (transition.guard !== undefined) return nameOf(transition.guard);
  const same = transitionsOf(node).filter((other) => other.eventType === transition.eventType);
  return same.indexOf(transition) > 0 ? 'else' : '';
}

function stateRow(node: AnyStateNode): string[] {
  const name = node.type === 'final' ? `${pathOf(node)} (final)` : pathOf(node);
  return [name, node.description ?? '', node.tags.join(', '), node.invoke.map(({ id }) => id).join(', ')];
}

function transitionRow(node: AnyStateNode, transition: AnyTransitionDefinition): string[] {
  return [
    pathOf(node),
    eventOf(transition),
    guardOf(node, transition),
    (transition.target ?? []).map(pathOf).join(', '),
    transition.description ?? '',
    transition.actions.map(actionOf).join(', '),
  ];
}

function pathOf(node: AnyStateNode): string {
  return node.path.join('.') || `${node.id} (root)`;
}

/** An action with its fixed parameters; those that come of the event are left out. */
function actionOf(action: unknown): string {
  const params = (action as { readonly params?: unknown }).params;
  if (typeof params !== 'object' || params === null) return nameOf(action);
  return `${nameOf(action)}(${Object.values(params).join(', ')})`;
}

function nameOf(named: unknown): string {
  return typeof named === 'string' ? named : String((named as { readonly type?: unknown }).type ?? 'inline');
}

function escapeLabel(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/["#%:;<>{}\\]/g, (character) => `#${character.charCodeAt(0)};`);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
