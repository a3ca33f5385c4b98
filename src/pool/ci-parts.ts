import type { Subject } from 'rxjs';
import type { Connection } from '../connection/connection.js';
import type { ConnectionCi } from '../connection/connection-owner.js';
import type { Clock, Logger, Pool, StateChange } from '../contract/index.js';
import type { CiMetrics } from '../observe/metrics.js';
import type { AbortWatch } from '../request/abort-watch.js';
import type { ExchangeTaps } from '../request/exchange-taps.js';
import type { DeadlineWheel } from '../schedule/deadline-wheel.js';
import type { TurnBudget } from '../schedule/turn-budget.js';

/** What all CIs of a pool share. */
export interface CiParts {
  /** The pool itself, for the events that it publishes. */
  readonly pool: Pool;
  readonly clock: Clock;
  /** Spreads dials over turns of the event loop. */
  readonly openings: TurnBudget;
  readonly wheel: DeadlineWheel;
  readonly aborts: AbortWatch;
  readonly exchanges: ExchangeTaps;
  readonly logger: Logger;
  readonly states: Subject<StateChange>;
  /** Records the durations of all CIs. */
  readonly durations: CiMetrics['durations'];
  /** How answers without ids are matched, unless the CI's options set it. */
  readonly ordering: 'proved' | 'trusted';
  connect(ci: ConnectionCi<Connection>, number: number): Connection;
  isKeptUp(ci: string): boolean;
  /** Reports that an actor of a CI's connection crashed. */
  crashed(ci: ConnectionCi<Connection>): void;
  /** Reports that an answer of a CI came out of order. */
  violated(ci: string, line: string | undefined): void;
}
