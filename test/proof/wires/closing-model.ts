import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import type { Dialect } from '../../support/model-dialects.js';
import { pieceOf } from '../../support/model-dialects.js';

/** One answer: its socket, and the number of answers on that socket, this one included. */
export interface Answered {
  readonly socket: net.Socket;
  readonly answers: number;
  /** Number of requests before this one, on all sockets. */
  readonly before: number;
}

/** How a server treats its sockets. */
export interface SocketManners {
  /** Header lines of each answer, by the number of answers on the socket. */
  readonly headers?: (answers: number) => readonly string[];
  /** Called once an answer is written. */
  readonly afterAnswer?: (answered: Answered) => void;
  /** Called instead of an answer. Returns false to answer anyway. */
  readonly inPlaceOf?: (answered: Answered) => boolean;
}

/** A model server on raw sockets, in one process with its client. It counts requests, and closes sockets as a test says. */
export class ClosingModel implements AsyncDisposable {
  posts = 0;
  readonly methods: string[] = [];
  /** Open sockets, as the server sees them. */
  readonly open = new Set<net.Socket>();
  readonly #dialect: Dialect;
  readonly #manners: SocketManners;
  readonly #server = net.createServer({ noDelay: true }, (socket) => this.#serve(socket));

  private constructor(dialect: Dialect, manners: SocketManners) {
    this.#dialect = dialect;
    this.#manners = manners;
  }

  static async listen(
    dialect: Dialect,
    manners: SocketManners = {},
    port = 0,
    host = '127.0.0.1',
  ): Promise<ClosingModel> {
    const model = new ClosingModel(dialect, manners);
    model.#server.listen(port, host);
    await once(model.#server, 'listening');
    return model;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Requests other than chats. */
  count(method: 'GET' | 'HEAD'): number {
    return this.methods.filter((one) => one === method).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.open) socket.destroy();
    await closed;
  }

  #serve(socket: net.Socket): void {
    let pending = '';
    let answers = 0;
    this.open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.open.delete(socket));
    // All requests of the tests are ASCII.
    socket.setEncoding('latin1').on('data', (bytes: string) => {
      pending += bytes;
      const headEnd = pending.indexOf('\r\n\r\n') + 4;
      if (headEnd < 4) return;
      const end = headEnd + Number(/\r\ncontent-length: *(\d+)/i.exec(pending)?.[1] ?? 0);
      if (pending.length < end) return;
      const [method = ''] = pending.split(' ', 1);
      pending = pending.slice(end);
      this.methods.push(method);
      if (method !== 'POST') {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n${method === 'HEAD' ? '' : '{}'}`);
        return;
      }
      answers += 1;
      this.posts += 1;
      this.#answer({ socket, answers, before: this.posts - 1 });
    });
  }

  #answer(answered: Answered): void {
    const { headers, afterAnswer, inPlaceOf } = this.#manners;
    if (inPlaceOf?.(answered) === true) return;
    const body = `${pieceOf(this.#dialect, 'all is well')}${this.#dialect.end}`;
    const head = ['HTTP/1.1 200 OK', `content-length: ${body.length}`, ...(headers?.(answered.answers) ?? [])];
    answered.socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    afterAnswer?.(answered);
  }
}

/** Closes a socket cleanly, or with a reset. */
export const closings = {
  FIN: (socket: net.Socket) => void socket.end(),
  reset: (socket: net.Socket) => void socket.resetAndDestroy(),
} as const;
