import { type EventObject, fromEventObservable, type NonReducibleUnknown } from 'xstate';

/** Actor logic that stands for one to be supplied by `machine.provide()`: a machine is pure and owns no IO. */
export function unprovided<TEvent extends EventObject, TInput extends NonReducibleUnknown>(name: string) {
  return fromEventObservable<TEvent, TInput>(() => {
    throw new Error(`provide the "${name}" actor: machine.provide({ actors: { ${name} } })`);
  });
}
