import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** All states of a machine, its root first, each before its children. */
export function statesOf(machine: AnyStateMachine): AnyStateNode[] {
  const walk = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(walk)];
  return walk(machine.root);
}

/** All transitions of a state: by event, by delay, by the end of an actor, and `always`. */
export function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  // xstate's own toDirectedGraph leaves `always` out, and so do the transitions by event.
  return [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
}
