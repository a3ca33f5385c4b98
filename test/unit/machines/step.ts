import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EmittedFrom,
  initialTransition,
  type SnapshotFrom,
  transition,
} from 'xstate';

/** An event that xstate itself raises: a delay is over, or an actor failed. */
export interface XstateEvent {
  readonly type: `xstate.${string}`;
  readonly error?: unknown;
  readonly actorId?: string;
}

/** The result of one pure transition. */
export interface Step<TMachine extends AnyStateMachine> {
  readonly snapshot: SnapshotFrom<TMachine>;
  readonly emitted: readonly EmittedFrom<TMachine>[];
  /** Delays that began, in ms. */
  readonly delaysMs: readonly number[];
}

type Executable = { readonly type: string; readonly params?: unknown };

function read<TMachine extends AnyStateMachine>(
  snapshot: SnapshotFrom<TMachine>,
  actions: readonly Executable[],
): Step<TMachine> {
  const paramsOf = (type: string) =>
    actions.filter((action) => action.type === type).map((action) => action.params as Record<string, unknown>);
  return {
    snapshot,
    emitted: paramsOf('xstate.emit').map(({ event }) => event as EmittedFrom<TMachine>),
    delaysMs: paramsOf('xstate.raise').map(({ delay }) => delay as number),
  };
}

/** Returns the machine's initial step, without running anything. */
export function begin<TMachine extends AnyStateMachine>(machine: TMachine, input: unknown): Step<TMachine> {
  const [snapshot, actions] = initialTransition(machine, input as never);
  return read(snapshot as SnapshotFrom<TMachine>, actions as readonly Executable[]);
}

/** Returns the step after one more event, without running anything. */
export function step<TMachine extends AnyStateMachine>(
  machine: TMachine,
  from: SnapshotFrom<TMachine>,
  event: { readonly type: string },
): Step<TMachine> {
  // A running actor that is done takes no more events; the pure function would continue.
  if ((from as AnyMachineSnapshot).status !== 'active') return { snapshot: from, emitted: [], delaysMs: [] };
  const [snapshot, actions] = transition(machine, from, event as never);
  return read(snapshot as SnapshotFrom<TMachine>, actions as readonly Executable[]);
}
