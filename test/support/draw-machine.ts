import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { chartOf } from '../../src/inspector/chart/chart-of.js';
import { mermaidOf } from '../../src/inspector/chart/mermaid-of.js';
import { eventOf, guardOf, nameOf, statesOf, transitionsOf } from './walk-machine.js';

/**
 * Draws a machine as a page of Markdown: a Mermaid `stateDiagram-v2`, a table of its states and one of its transitions.
 * Transitions that stay in their state are only in the table, so the picture shows what changes a state.
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
    '<!-- Generated from the machine by test/unit/machines/diagrams.test.ts; `npx vitest run test/unit/machines/diagrams.test.ts -u` writes it anew. -->',
    '',
    ...(root.description === undefined ? [] : [root.description, '']),
    'With this page you can say what each event does in each state. The [glossary](../glossary.md) explains the words.',
    '',
    '```mermaid',
    mermaidOf(chartOf(machine)),
    '```',
    '',
    'The picture leaves out transitions that stay in their state. The table below has all of them.',
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

/** Returns an action with its fixed parameters, without those that come from the event. */
function actionOf(action: unknown): string {
  const params = (action as { readonly params?: unknown }).params;
  if (typeof params !== 'object' || params === null) return nameOf(action);
  return `${nameOf(action)}(${Object.values(params).join(', ')})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
