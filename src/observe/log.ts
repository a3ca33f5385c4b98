import { pino } from 'pino';
import type { Clock, Logger, StateChange } from '../contract/index.js';

/** For each CI and kind, one anomaly is logged in this time, with the number of suppressed ones, in ms. */
const ANOMALY_INTERVAL_MS = 10_000;

/** An anomaly of a link that is not a request's failure. */
export type Anomaly = 'stray_frame' | 'retired' | 'out_of_order';

const silent: Logger = {
  info: () => {},
  warn: () => {},
  error: () => {},
  debug: () => {},
  child: () => silent,
};

/** Returns the pool's logger: the given one, none for `false`, or pino to stdout at level `info`. */
export function openLog(logger: Logger | false | undefined): Logger {
  if (logger === false) return silent;
  return logger ?? pino({ name: 'choragus', level: 'info' });
}

/** Logs the events of one CI: a line for each change of state, and anomalies at a limited rate. Never content. */
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

  /** @param why - The reason in the pool's own words, never the peer's. */
  stateChanged(change: StateChange, why?: string): void {
    const { connection, from, to, reason, attempt, delayMs } = change;
    const line = { connection, from, to, reason, attempt, delayMs, ...(why === undefined ? {} : { why }) };
    this.#write(to === 'degraded' || to === 'reconnecting' ? 'warn' : 'info', line, `${from} -> ${to}`);
  }

  /** Logs an anomaly, unless one of its kind was logged within the interval. */
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

  /** Logs a crash by its stack frames. The message is left out, because it could quote content. */
  crashed(connection: string, error: unknown): void {
    const fields = { anomaly: 'crashed', connection, kind: kindOf(error), where: whereOf(error) };
    this.#write('error', fields, 'crashed: this is a bug in a transport or an actor');
  }

  quarantined(): void {
    this.#write('error', {}, 'quarantined: its connections crashed too often; remove it and add it again to lift this');
  }

  #write(level: 'info' | 'warn' | 'error', fields: object, message: string): void {
    try {
      // Created with the first line: a pool with thousands of CIs does not pay for loggers that never write.
      this.#child ??= this.#parent.child({ ci: this.#ci });
      this.#child[level](fields, message);
    } catch {
      // An exception of the logger must not reach a request, and it cannot be logged.
    }
  }
}

/** Returns the frames of an error's stack, without the message before them, which can quote content. */
function whereOf(error: unknown): readonly string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  const at = error.stack.indexOf(error.message);
  if (at === -1) return [];
  const frames = error.stack.slice(at + error.message.length).split('\n');
  return frames.filter((line) => /^\s+at /.test(line)).slice(0, 5);
}

/** Returns the class of an exception: its `name` could be any text. */
function kindOf(error: unknown): string {
  return error instanceof Error ? (error.constructor?.name ?? 'Error') : typeof error;
}
