import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { holdSilentPort } from '../../../../src/demo/failing-peers.js';
import { Gate } from '../../../support/gate.js';

/**
 * The behaviour of a CI: `up` answers, `down` does not listen, `failing` answers with an error frame, `slow` holds its answer until
 * it is released (of a stream it sends one piece), `endless` streams for ever, `flapping` drops each connection at once.
 */
export type Condition = 'up' | 'down' | 'failing' | 'slow' | 'endless' | 'flapping';

/** A CI controlled by a test, which decides the time of each answer. */
export interface TableCi {
  readonly url: string;
  /** Resolves at the first request. */
  readonly asked: Promise<void>;
  /** Resolves when all its clients have left. */
  readonly left: Promise<void>;
  /** Releases the answer of a slow CI. */
  release(): void;
  close(): Promise<void>;
}

/** The error text of a failing CI. */
export const theWords = 'the model is not loaded';

interface Request {
  readonly type: string;
  readonly request_id?: unknown;
  readonly content?: string;
  readonly stream?: boolean;
}

/** Opens a CI in this condition. */
export async function openCi(condition: Condition): Promise<TableCi> {
  if (condition === 'down') return openSilent();
  const sockets = new Set<Socket>();
  const held: (() => void)[] = [];
  const asked = new Gate();
  const left = new Gate();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) left.open();
    });
    if (condition === 'flapping') return socket.destroy();
    const lines = createInterface(socket);
    // The server repeats the socket's errors.
    lines.on('error', () => {});
    lines.on('line', (line) => {
      answer(condition, JSON.parse(line) as Request, socket, (later) => held.push(later));
      asked.open();
    });
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `tcp://127.0.0.1:${port}`,
    asked: asked.opened,
    left: left.opened,
    release: () => {
      for (const later of held.splice(0)) later();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(condition: Condition, request: Request, socket: Socket, hold: (later: () => void) => void): void {
  const write = (frame: object): boolean =>
    socket.write(`${JSON.stringify({ ...frame, request_id: request.request_id })}\n`);
  if (condition === 'failing') return void write({ type: 'error', error: theWords });
  if (condition === 'endless') return goOn(socket, write);
  const whole = (): void => {
    if (request.stream === true) {
      write({ type: 'stream_chunk', content: `said: ${request.content}`, chunk_index: 1 });
      write({ type: 'stream_end', metadata: { chunks: 2 } });
    } else if (request.type === 'ping') write({ type: 'pong' });
    else write({ type: 'chat_response', content: `You said: ${request.content}` });
  };
  if (request.stream === true) {
    write({ type: 'stream_start' });
    write({ type: 'stream_chunk', content: 'You ', chunk_index: 0 });
  }
  if (condition === 'slow') hold(whole);
  else whole();
}

/** Sends chunks, each after the client has read the one before. */
function goOn(socket: Socket, write: (frame: object) => boolean): void {
  write({ type: 'stream_start' });
  let index = 0;
  const more = (): void => {
    if (socket.destroyed) return;
    const isTaken = write({ type: 'stream_chunk', content: `line ${index}\n`, chunk_index: index });
    index += 1;
    if (isTaken) setImmediate(more);
    else socket.once('drain', more);
  };
  more();
}

async function openSilent(): Promise<TableCi> {
  const silent = await holdSilentPort();
  const never = new Promise<void>(() => {});
  return { ...silent, asked: never, left: Promise.resolve(), release: () => {} };
}
