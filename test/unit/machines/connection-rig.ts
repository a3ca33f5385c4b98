import { Observable, type Subscriber } from 'rxjs';
import { createActor, fromEventObservable, SimulatedClock } from 'xstate';
import {
  type ConnectionActor,
  type ConnectionEvent,
  type ConnectionInput,
  connectionMachine,
  type StateEntered,
} from '../../../machines/index.js';

/** One subscription of a scripted actor. */
export interface Run<TInput> {
  readonly input: TInput;
  isOpen: boolean;
  next(event: ConnectionEvent): void;
  error(error: unknown): void;
}

/** Actor logic that does nothing by itself: the test sends its events, and sees its start and its end. */
function scripted<TInput>() {
  const runs: Run<TInput>[] = [];
  const logic = fromEventObservable<ConnectionEvent, TInput & object>(
    ({ input }) =>
      new Observable((subscriber: Subscriber<ConnectionEvent>) => {
        const run: Run<TInput> = {
          input,
          isOpen: true,
          next: (event) => subscriber.next(event),
          error: (error) => subscriber.error(error),
        };
        runs.push(run);
        return () => {
          run.isOpen = false;
        };
      }),
  );
  return { logic, runs };
}

/** A running connection in simulated time; the test controls its link and its heartbeat. */
export interface Rig {
  readonly actor: ConnectionActor;
  readonly clock: SimulatedClock;
  readonly emitted: readonly StateEntered[];
  readonly links: readonly Run<{ readonly connection: string }>[];
  readonly heartbeats: readonly Run<{ readonly connection: string; readonly pace: 'calm' | 'urgent' }>[];
  /** Number of open links. */
  openLinks(): number;
  openHeartbeats(): number;
}

/** Starts a connection with scripted actors. */
export function startConnection(input: ConnectionInput): Rig {
  const link = scripted<{ readonly connection: string }>();
  const heartbeat = scripted<{ readonly connection: string; readonly pace: 'calm' | 'urgent' }>();
  const clock = new SimulatedClock();
  const machine = connectionMachine.provide({ actors: { link: link.logic, heartbeat: heartbeat.logic } });
  const actor = createActor(machine, { input, clock });
  const emitted: StateEntered[] = [];
  actor.on('state.entered', (event) => emitted.push(event));
  actor.start();
  const open = (runs: readonly { readonly isOpen: boolean }[]) => runs.filter(({ isOpen }) => isOpen).length;
  return {
    actor,
    clock,
    emitted,
    links: link.runs,
    heartbeats: heartbeat.runs,
    openLinks: () => open(link.runs),
    openHeartbeats: () => open(heartbeat.runs),
  };
}
