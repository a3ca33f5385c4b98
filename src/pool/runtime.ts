import type { Subject } from 'rxjs';
import type { ActorOptions, AnyActorLogic } from 'xstate';
import type { Connection } from '../connection/connection.js';
import type { provideConnection } from '../connection/provide-connection.js';
import type { Clock, Logger, StateChange } from '../contract/index.js';
import type { Inspect } from '../observe/inspect.js';
import type { CiMetrics } from '../observe/metrics.js';
import type { AbortWatch } from '../request/abort-watch.js';
import type { ExchangeTaps } from '../request/exchange-taps.js';
import type { DeadlineWheel } from '../schedule/deadline-wheel.js';
import type { DialGate } from '../schedule/dial-gate.js';
import type { TurnBudget } from '../schedule/turn-budget.js';
import type { Ci } from './ci.js';

/** What all CIs of one pool share. */
export interface Runtime {
  readonly clock: Clock;
  /** The clock for machines; its timers keep no process alive. */
  readonly machineClock: NonNullable<ActorOptions<AnyActorLogic>['clock']>;
  readonly random: () => number;
  /** In which links are opened. */
  readonly openings: TurnBudget;
  /** In which it is told that links are lost: what was on them waits for no opening. */
  readonly losses: TurnBudget;
  /** In which CIs that were removed, or whose pool closes, let go of their links. */
  readonly closings: TurnBudget;
  readonly wheel: DeadlineWheel;
  readonly dialGate: DialGate;
  readonly aborts: AbortWatch;
  readonly logger: Logger;
  /** Is told what the machines go through, where somebody wants to know. */
  readonly inspect: Inspect | undefined;
  /** How the answers of CIs are told apart that do not say themselves. */
  readonly ordering: 'proved' | 'trusted';
  readonly states: Subject<StateChange>;
  readonly exchanges: ExchangeTaps;
  /** The counts of the CIs that left, and the durations of all that ever were. */
  readonly past: CiMetrics;
  readonly connectionMachine: ReturnType<typeof provideConnection>;
  /** Finds a connection by name for the actors that serve it. */
  readonly connections: Map<string, Connection>;
  /** Tells the supervisor that an actor of a CI's connection crashed. */
  crashed(ci: Ci): void;
  /** A CI's answer came out of order. */
  violated(ci: string, line: string | undefined): void;
}
