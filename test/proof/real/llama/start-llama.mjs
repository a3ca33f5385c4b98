import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort, startPeer } from '../start-peer.mjs';

const ROOT = `${process.env.CHORAGUS_REAL_CACHE ?? '/var/cache/choragus-real'}/llama`;
const MODEL = '/srv/tiny.gguf';
const SLOTS = 4;

/** Builds the chroot and the model if they are missing. If that fails, ends this process: setup.sh prints the reason. */
export function prepareLlama() {
  const { status } = spawnSync('bash', [fileURLToPath(new URL('setup.sh', import.meta.url))], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

/** The version as the server reports it, and Debian's. */
export function llamaVersion() {
  const said = spawnSync('chroot', [ROOT, 'llama-server', '--version'], { encoding: 'utf8' });
  const [line] = `${said.stdout}${said.stderr}`.split('\n');
  const { stdout } = spawnSync('chroot', [ROOT, 'dpkg-query', '-W', 'llama.cpp-tools'], { encoding: 'utf8' });
  return `${line.replace('version: ', '')}; ${stdout.trim().replace(/\s+/, ' ')}`;
}

/** Starts a server on a port of the loopback address: a free one, or the given one. */
export async function startLlama(port) {
  const at = port ?? (await freePort());
  const origin = `http://127.0.0.1:${at}`;
  const options = ['-np', SLOTS, '-c', 32_768, '--host', '127.0.0.1', '--port', at, '-t', 1, '--slots'];
  // setpriv and chroot become the program they start: the pid is llama-server's. It ends when this process dies.
  const args = ['--pdeathsig', 'KILL', 'chroot', ROOT, 'llama-server', '-m', MODEL, ...options].map(String);
  const peer = await startPeer({ name: 'llama-server', command: 'setpriv', args, healthUrl: `${origin}/health` });
  return {
    ...peer,
    port: at,
    origin,
    /** Returns how many slots work now. */
    busySlots: () => busySlots(origin),
    /** Returns how many answers it began, from its log. */
    begunTasks: async () => peer.readLog().match(/launch_slot_.*processing task, is_child = 0/g)?.length ?? 0,
  };
}

async function busySlots(origin) {
  const response = await fetch(`${origin}/slots`);
  const slots = await response.json();
  return slots.filter((slot) => slot.is_processing).length;
}
