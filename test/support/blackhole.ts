import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';

/** An address where connects hang: the listener has a full backlog, in a process that is stopped. */
export interface Blackhole {
  readonly url: string;
  close(): Promise<void>;
}

const LISTENER = `
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    console.log(server.address().port);
  });
`;

/** Makes one: connects until the kernel accepts no more. The next connect then gets no answer, not even a refusal. */
export async function openBlackhole(): Promise<Blackhole> {
  const child = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  child.kill('SIGSTOP');
  const fillers = await fill(port);
  return {
    url: `tcp://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of fillers) socket.destroy();
      await end(child);
    },
  };
}

/** The backlog is full once connects hang: on loopback, an accepted connect is up within one turn or two. */
async function fill(port: number): Promise<net.Socket[]> {
  const sockets = Array.from({ length: 8 }, () => net.connect(port, '127.0.0.1').on('error', () => {}));
  const isUp = (socket: net.Socket): boolean => !socket.connecting && !socket.destroyed;
  await Promise.race(sockets.map((socket) => once(socket, 'connect')));
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  for (const socket of sockets) if (!isUp(socket)) socket.destroy();
  return sockets.filter(isUp);
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
