import { once } from 'node:events';
import type { CiStatus, Pool, StateChange } from '../../contract/index.js';
import { cancelCode, codeOfParts, exitCodes } from '../exit-code.js';
import { Screen } from '../screen.js';
import { measured } from '../seconds.js';
import type { Command, CommandIo } from './command.js';
import { fleetOptions, fleetUsage, openFleet } from './fleet.js';
import { readCommandLine } from './usage-error.js';

const usage = `Usage: choragus status [options]

Connects to all CIs, and shows the state of each. The exit code is 3 when some are up, and
1 when none is.

Options:
  --watch               Go on, and show each change of a state, until Ctrl-C
${fleetUsage}

Examples:
  choragus status
  choragus status --watch --json | jq 'select(.to == "reconnecting")'
`;

export const status: Command = {
  about: 'the state of each CI, once or live',
  usage,
  async run(argv: readonly string[], io: CommandIo): Promise<number> {
    const options = { ...fleetOptions, watch: { type: 'boolean', default: false } } as const;
    const { values } = readCommandLine(argv, options, []);
    await using fleet = await openFleet(values, io);
    const { pool } = fleet;
    const cancelled = io.signal.aborted ? Promise.resolve() : once(io.signal, 'abort');
    await Promise.race([pool.warm(), cancelled]);
    if (io.signal.aborted) return cancelCode(io.signal);
    const all = Object.values(pool.snapshot().cis);
    for (const one of all) io.stdout.write(values.json ? statusJson(one) : lineOf(one, io));
    if (!values.watch) return codeOfParts(all.filter(({ state }) => state === 'healthy').length, all.length);
    await watch(
      pool,
      (change) => io.stdout.write(values.json ? `${JSON.stringify(change)}\n` : changeLine(change)),
      cancelled,
    );
    // It was asked to go on until it is told to end.
    return io.signal.reason === 'SIGINT' ? exitCodes.done : cancelCode(io.signal);
  },
};

async function watch(pool: Pool, show: (change: StateChange) => void, cancelled: Promise<unknown>): Promise<void> {
  const subscription = pool.states$.subscribe(show);
  // What is watched keeps no process alive; that somebody waits for it does.
  const hold = setInterval(() => {}, 2 ** 30);
  await cancelled;
  clearInterval(hold);
  subscription.unsubscribe();
}

function statusJson({ ci, url, state, since, attempt, lastError, metrics }: CiStatus): string {
  return `${JSON.stringify({ ci, url, state, since, attempt, lastError, connectMs: metrics.connectMs.p50 })}\n`;
}

function lineOf({ ci, url, state, lastError, metrics }: CiStatus, { stdout, env }: CommandIo): string {
  const { style } = new Screen(stdout, env);
  const paint = state === 'healthy' ? style.good : style.bad;
  const more = state === 'healthy' ? `connected in ${measured(metrics.connectMs.p50)}` : (lastError?.message ?? '');
  return `${style.name(ci.padEnd(11))}  ${paint(state.padEnd(12))}  ${url}  ${style.faint(more)}\n`;
}

function changeLine({ at, connection, from, to, reason, delayMs }: StateChange): string {
  const backoff = delayMs > 0 ? `, again in ${measured(delayMs)}` : '';
  return `${new Date(at).toISOString()}  ${connection}  ${from} → ${to}  (${reason}${backoff})\n`;
}
