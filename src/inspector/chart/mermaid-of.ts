import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { statesOf, transitionsOf } from './walk-machine.js';

/**
 * A machine as a Mermaid `stateDiagram-v2`, drawn from its own definition. Transitions that stay where they are are left out, so that the
 * picture shows what changes a state.
 *
 * @example
 * ```ts
 * console.log(mermaidOf(connectionMachine));
 * ```
 */
export function mermaidOf(machine: AnyStateMachine): string {
  return [
    'stateDiagram-v2',
    ...drawChildren(machine.root, 1),
    ...statesOf(machine).flatMap((node) => drawTransitions(node)),
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

/** What a transition is taken for. */
export function eventOf(transition: AnyTransitionDefinition & { readonly delay?: unknown }): string {
  const { eventType } = transition;
  if (eventType === '') return 'always';
  if (transition.delay !== undefined) return `after ${transition.delay}`;
  const [, ending, actor] = /^xstate\.(error|done)\.(?:actor|state)\.(.*)$/.exec(eventType) ?? [];
  if (ending === undefined) return eventType;
  return `${ending === 'error' ? 'onError' : 'onDone'} ${actor}`;
}

/** The guard's name; `else` for what follows guarded ones of the same event. */
export function guardOf(node: AnyStateNode, transition: AnyTransitionDefinition): string {
  if (transition.guard !== undefined) return nameOf(transition.guard);
  const same = transitionsOf(node).filter((other) => other.eventType === transition.eventType);
  return same.indexOf(transition) > 0 ? 'else' : '';
}

/** The name of a guard or an action; `inline` for a function. */
export function nameOf(named: unknown): string {
  return typeof named === 'string' ? named : String((named as { readonly type?: unknown }).type ?? 'inline');
}

function escapeLabel(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/["#%:;<>{}\\]/g, (character) => `#${character.charCodeAt(0)};`);
}
