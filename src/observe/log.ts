import { pino } from 'pino';
import type { Clock, Logger, StateChange } from '../contract/index.js';

/** An anomaly is told once in this time for each CI and kind, with the number of those not told. */
const ANOMALY_INTERVAL_MS = 10_000;

/** What can go wrong on a link without being a request's failure. */
export type Anomaly = 'stray_frame' | 'retired' | 'out_of_order';

const silent: Logger = {
  info: () => {},
  warn: () => {},
  error: () => {},
  debug: () => {},
  child: () => silent,
};

/** The pool's logger: the one given, none for `false`, else pino to stdout at `info`. */
export function openLog(logger: Logger | false | undefined): Logger {
  if (logger === false) return silent;
  return logger ?? pino({ name: 'choragus', level: 'info' });
}

/** What is logged of one CI: a line for each change of state, and anomalies at a bounded rate. Never content. */
export class CiLog {
  readonly #parent: Logger;
  readonly #ci: string;
  readonly #clock: Clock;
  #child: Logger | undefined;
  #told: Map<Anomaly, { atMs: number; suppressed: number }> | undefined;

  constructor(parent: Logger, ci: string, clock: Clock) {
    this.#parent = parent;
    this.#ci = ci;
    this.#clock = clock;
  }

  /** `why` is in our own words, such as that nothing listens there. */
  stateChanged(change: StateChange, why?: string): void {
    const { connection, from, to, reason, attempt, delayMs } = change;
    const line = { connection, from, to, reason, attempt, delayMs, ...(why === undefined ? {} : { why }) };
    this.#write(to === 'degraded' || to === 'reconnecting' ? 'warn' : 'info', line, `${from} -> ${to}`);
  }

  /** Tells of an anomaly, unless one of its kind was told a moment ago. */
  anomaly(kind: Anomaly, connection: string): void {
    this.#told ??= new Map();
    const told = this.#told.get(kind);
    const now = this.#clock.now();
    if (told !== undefined && now - told.atMs < ANOMALY_INTERVAL_MS) {
      told.suppressed += 1;
      return;
    }
    this.#write('warn', { anomaly: kind, connection, suppressed: told?.suppressed ?? 0 }, kind.replaceAll('_', ' '));
    this.#told.set(kind, { atMs: now, suppressed: 0 });
  }

  /** A crash is a bug: where it was is told, its message is not, since that could quote content. */
  crashed(connection: string, error: unknown): void {
    const fields = { anomaly: 'crashed', connection, kind: kindOf(error), where: whereOf(error) };
    this.#write('error', fields, 'crashed: this is a bug in a transport or an actor');
  }

  quarantined(): void {
    this.#write('error', {}, 'quarantined: its connections crashed too often; remove it and add it again to lift this');
  }

  #write(level: 'info' | 'warn' | 'error', fields: object, message: string): void {
    try {
      // Made at the first line: a pool of thousands of CIs does not pay for children that never speak.
      this.#child ??= this.#parent.child({ ci: this.#ci });
      this.#child[level](fields, message);
    } catch {
      // A logger that throws must not reach a request, and there is nobody left to tell.
    }
  }
}

/** The frames of an error's stack. What stands before them is the message, and a message can quote content. */
function whereOf(error: unknown): readonly string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  const at = error.stack.indexOf(error.message);
  if (at === -1) return [];
  const frames = error.stack.slice(at + error.message.length).split('\n');
  return frames.filter((line) => /^\s+at /.test(line)).slice(0, 5);
}

/** What was thrown, by its class: its `name` could be anything. */
function kindOf(error: unknown): string {
  return error instanceof Error ? (error.constructor?.name ?? 'Error') : typeof error;
}
