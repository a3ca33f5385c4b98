import { once } from 'node:events';
import { auditTime, interval, merge } from 'rxjs';
import type { CiStatus, Pool, StateChange } from '../../contract/index.js';
import { type GaugeValue, gaugesOf } from '../../prometheus/gauges-of.js';
import { readCommandLine } from '../../terminal/command-line.js';
import { cancelCode, codeOfParts } from '../../terminal/exit-code.js';
import { isLive, LiveBlock, styleOf } from '../../terminal/screen.js';
import { measured } from '../../terminal/seconds.js';
import { isUp, nameWidthOf, statusLine, statusTable } from '../status-table.js';
import type { Command, CommandIo } from './command.js';
import { fleetOptions, fleetUsage, openFleet } from './fleet.js';

const usage = `Usage: choragus status [options]

Connects to all CIs, and shows the state of each. The exit code is 1 if a CI is not up.

Options:
  --watch               Continue until Ctrl-C: as a live table; with --json or in a pipe, as a
                        line for each change of a connection's state
${fleetUsage}

Examples:
  choragus status
  choragus status --watch --json | jq 'select(.to == "reconnecting")'
`;

const redrawMs = 1_000;
/** Changes within this time are drawn together. */
const settleMs = 50;

export const status: Command = {
  usage,
  async run(argv: readonly string[], io: CommandIo): Promise<number> {
    const options = { ...fleetOptions, watch: { type: 'boolean', default: false } } as const;
    const { values } = readCommandLine(argv, options, []);
    await using fleet = await openFleet(values, io);
    const { pool } = fleet;
    const cancelled = io.signal.aborted ? Promise.resolve() : once(io.signal, 'abort');
    if (values.watch && !values.json && isLive(io.stdout, io.env)) {
      await showTable(pool, io, cancelled);
      return cancelCode(io.signal);
    }
    await Promise.race([pool.warm(), cancelled]);
    if (io.signal.aborted) return cancelCode(io.signal);
    const all = Object.values(pool.snapshot().cis);
    const lineOf = lineFor(all, io);
    const gauges = gaugesOf(pool);
    for (const one of all) io.stdout.write(values.json ? statusJson(one, gauges.get(one.ci)) : lineOf(one));
    if (!values.watch) return codeOfParts(all.filter(isUp).length, all.length);
    await logChanges(
      pool,
      (change) => io.stdout.write(values.json ? `${JSON.stringify(change)}\n` : changeLine(change)),
      cancelled,
    );
    return cancelCode(io.signal);
  },
};

async function showTable(pool: Pool, { stdout, env }: CommandIo, cancelled: Promise<unknown>): Promise<void> {
  const block = new LiveBlock(stdout);
  const style = styleOf(stdout, env);
  const draw = (): void => {
    const { columns = 80, rows = 24 } = stdout;
    block.draw(statusTable(pool.snapshot(), { columns: columns || 80, rows: rows || 24, style }));
  };
  const drawing = merge(interval(redrawMs), pool.states$.pipe(auditTime(settleMs))).subscribe(draw);
  // Not awaited: closing the pool settles it, too.
  void pool.warm();
  draw();
  await cancelled;
  drawing.unsubscribe();
  draw();
}

async function logChanges(pool: Pool, show: (change: StateChange) => void, cancelled: Promise<unknown>): Promise<void> {
  const subscription = pool.states$.subscribe(show);
  await cancelled;
  subscription.unsubscribe();
}

function statusJson(status: CiStatus, gauges: Readonly<Record<string, GaugeValue>> | undefined): string {
  const { ci, url, state, since, attempt, lastError, metrics } = status;
  const connectMs = metrics.connectMs.p50;
  return `${JSON.stringify({ ci, ok: isUp(status), url, state, since, attempt, lastError, connectMs, metrics: gauges })}\n`;
}

function lineFor(all: readonly CiStatus[], { stdout, env }: CommandIo): (one: CiStatus) => string {
  const style = styleOf(stdout, env);
  const nameWidth = nameWidthOf(all);
  return (one) => `${statusLine(one, nameWidth, style)}\n`;
}

function changeLine({ at, connection, from, to, reason, delayMs }: StateChange): string {
  const backoff = delayMs > 0 ? `, again in ${measured(delayMs)}` : '';
  return `${new Date(at).toISOString()}  ${connection}  ${from} → ${to}  (${reason}${backoff})\n`;
}
