import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Debian's; the README explains the installation. */
const PROMETHEUS = process.env.PROMETHEUS ?? '/usr/bin/prometheus';
const PROMTOOL = process.env.PROMTOOL ?? '/usr/bin/promtool';

/** True if Prometheus is not installed: its tests are skipped. The build installs it, and there a missing one is a failure. */
export const isPrometheusMissing = !(existsSync(PROMETHEUS) && existsSync(PROMTOOL)) && process.env.CI === undefined;

/** Runs promtool. Returns its exit code and what it printed. */
export function promtool(
  args: readonly string[],
  input = '',
): { readonly code: number | null; readonly printed: string } {
  const { status, stdout, stderr, error } = spawnSync(PROMTOOL, args, { input, encoding: 'utf8' });
  if (error !== undefined) throw error;
  return { code: status, printed: stdout + stderr };
}

/** One series of an instant query. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** An alert that waits, or fires. */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

/** A running Prometheus that scrapes one service each second. */
export interface Prometheus extends AsyncDisposable {
  /** Returns the result of an instant query, now. */
  query(expression: string): Promise<readonly Series[]>;
  /** Settles once a scrape that began after this call is stored. */
  scraped(): Promise<void>;
  alerts(): Promise<readonly Alert[]>;
}

/** Starts Prometheus on a free port of 127.0.0.1. `rules` is the text of a file of rules. */
export async function startPrometheus(target: number, rules: string): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'choragus-prometheus-'));
  const config = join(folder, 'prometheus.json');
  await writeFile(join(folder, 'rules.yml'), rules);
  // JSON is YAML.
  await writeFile(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: [join(folder, 'rules.yml')],
      scrape_configs: [{ job_name: 'chat', metrics_path: '/', static_configs: [{ targets: [`127.0.0.1:${target}`] }] }],
    }),
  );
  const port = await freePort();
  const child = spawn(
    PROMETHEUS,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let stderr = '';
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const origin = `http://127.0.0.1:${port}`;
  const api = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${origin}/api/v1/${path}`, { headers: { connection: 'close' } });
    const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
    if (status !== 'success') throw new Error(`${path}: ${error}`);
    return data;
  };
  const query = async (expression: string): Promise<readonly Series[]> => {
    const { resultType, result } = await api<{
      resultType: string;
      result: readonly { metric: Series['labels']; value: readonly [number, string] }[] | readonly [number, string];
    }>(`query?query=${encodeURIComponent(expression)}`);
    if (resultType !== 'vector') throw new Error(`${expression} is a ${resultType}`);
    return (result as readonly { metric: Series['labels']; value: readonly [number, string] }[]).map(
      ({ metric, value }) => ({ labels: metric, value: Number(value[1].replace('Inf', 'Infinity')) }),
    );
  };
  await ready(origin, child, () => stderr);
  return {
    query,
    scraped: async () => {
      const sinceS = Date.now() / 1_000;
      for (;;) {
        const [last] = await query('timestamp(choragus_build_info)');
        if (last !== undefined && last.value > sinceS) return;
        await sleep(100);
      }
    },
    alerts: async () => (await api<{ alerts: readonly Alert[] }>('alerts')).alerts,
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ready(origin: string, child: ChildProcess, printed: () => string): Promise<void> {
  const giveUpMs = performance.now() + 30_000;
  for (;;) {
    const response = await fetch(`${origin}/-/ready`, { headers: { connection: 'close' } }).catch(() => undefined);
    await response?.text();
    if (response?.ok === true) return;
    if (child.exitCode !== null || performance.now() > giveUpMs) throw new Error(`not ready: ${printed()}`);
    await sleep(100);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
