import { spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { killAtExit } from '../start-peer.mjs';
import { pythonFile } from './python.mjs';

/** Starts `python/drive.py` with the programs of one module. It runs through all scenarios of its world, as a service would. */
export async function startDriver(world, name, module) {
  // A copy of the registries for each driver: Tekton's programs write to them.
  const home = join(world.scratch, `home-${world.label}-${name}`);
  cpSync(world.home, home, { recursive: true });
  const cis = Object.entries(world.ports).map(([name, port]) => [name, { host: '127.0.0.1', port }]);
  const args = [pythonFile('drive.py'), module, JSON.stringify(Object.fromEntries(cis))];
  const env = { ...process.env, ...world.env, HOME: home };
  const child = spawn(world.python, args, { env, cwd: home, stdio: ['pipe', 'pipe', 'pipe'] });
  killAtExit(child);
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    log = (log + text).slice(-4_000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the driver ${name} ended: ${log}`);
    return JSON.parse(value);
  };
  await nextLine();
  return {
    /** Runs programs side by side; `tasks` has the messages and the timeout of each, by its name. Returns their outcomes, by name. */
    async run(tasks) {
      if (Object.keys(tasks).length === 0) return {};
      child.stdin.write(`${JSON.stringify({ programs: tasks })}\n`);
      return nextLine();
    },
    stop: () => child.kill('SIGKILL'),
  };
}
