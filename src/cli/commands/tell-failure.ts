import type { Outcome } from '../../contract/index.js';
import { describeFailure } from '../describe-failure.js';
import type { CommandIo } from './command.js';

/** Writes a failure as a line to stderr. A reader of stdout that has left wants to hear no more. */
export function tellFailure({ ci, error }: Extract<Outcome, { ok: false }>, { stderr, signal }: CommandIo): void {
  if (signal.reason !== 'SIGPIPE') stderr.write(`${ci}: ${describeFailure(error)}\n`);
}
