import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

/**
 * How an answer ends: the body is complete; it stays open; the socket is reset; or the socket closes in the middle of a body that
 * announced more (FIN).
 */
export const ends = ['clean', 'open', 'reset', 'fin'] as const;
export type End = (typeof ends)[number];

/** How the body marks its end. `close`: by the end of the connection, as HTTP/1.0 servers do. */
export type Framing = 'chunked' | 'length' | 'close';

/** How the bytes of an answer are cut into packets: not at all, after each newline, or after each byte. */
export const cuts = ['whole', 'by line', 'by byte'] as const;
export type Cut = (typeof cuts)[number];

/** The bytes of one answer. */
export interface RawReply {
  /** Default: `200 OK`. */
  readonly status?: string | undefined;
  /** Default: 1.1. */
  readonly version?: '1.0' | undefined;
  /** Header lines. */
  readonly headers?: readonly string[] | undefined;
  readonly body: string | Buffer;
  /** Default: `chunked`. */
  readonly framing?: Framing | undefined;
  readonly end: End;
  /** Default: `whole`. The status line and the headers stay in one packet. */
  readonly cut?: Cut | undefined;
  /** Cuts the status line and the headers, too. */
  readonly cutHead?: boolean | undefined;
  /** Bytes in front of the status line, for example a 103 response. */
  readonly before?: string | undefined;
  /** Sent instead of status line, headers and framing. */
  readonly verbatim?: string | Buffer | undefined;
}

/** One request: the fields that the tests need. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A model server on a raw socket: it writes the bytes of its answers literally, and answers probes with `{}`. */
export class RawModel implements AsyncDisposable {
  /** Every request except the probes. */
  readonly requests: RawRequest[] = [];
  /** Chooses the answer to a request, when all of the request has arrived. */
  replyTo: (request: RawRequest) => RawReply = () => ({ body: '', end: 'clean' });
  readonly #server = net.createServer({ noDelay: true }, (socket) => this.#serve(socket));
  readonly #open = new Set<net.Socket>();
  /** Sockets whose answer was kept open: the client must close them. */
  readonly #held = new Set<net.Socket>();

  static async listen(): Promise<RawModel> {
    const model = new RawModel();
    model.#server.listen(0, '127.0.0.1');
    await once(model.#server, 'listening');
    return model;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when the client has closed each socket whose answer was kept open. */
  async heldClosed(): Promise<void> {
    // Not `once` of node:events, which would fail with the error of a client that resets the connection.
    const closed = (socket: net.Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await Promise.all([...this.#held].map((socket) => socket.closed || closed(socket)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  #serve(socket: net.Socket): void {
    let pending = Buffer.alloc(0);
    this.#open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#open.delete(socket);
      this.#held.delete(socket);
    });
    socket.on('data', (bytes) => {
      pending = Buffer.concat([pending, bytes]);
      for (;;) {
        const { request, rest } = readRequest(pending);
        if (request === undefined) return;
        pending = Buffer.from(rest);
        void this.#answer(socket, request);
      }
    });
  }

  async #answer(socket: net.Socket, request: RawRequest): Promise<void> {
    if (request.method !== 'POST') {
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n${request.method === 'HEAD' ? '' : '{}'}`,
      );
      return;
    }
    this.requests.push(request);
    const reply = this.replyTo(request);
    const { head, body } = bytesOf(reply);
    if (reply.end === 'open') this.#held.add(socket);
    for (const packet of packetsOf(reply, head, body)) {
      if (socket.destroyed) return;
      socket.write(packet);
      await turn();
    }
    if (socket.destroyed) return;
    if (reply.end === 'reset') {
      socket.resetAndDestroy();
    } else if (reply.end === 'fin' || (reply.end === 'clean' && reply.framing === 'close')) {
      socket.end();
    }
  }
}

function* packetsOf({ cut, cutHead }: RawReply, head: Buffer, body: Buffer): Iterable<Buffer> {
  if (cut === undefined || cut === 'whole') {
    if (head.length + body.length > 0) yield Buffer.concat([head, body]);
    return;
  }
  if (cutHead !== true && head.length > 0) yield head;
  const rest = cutHead === true ? Buffer.concat([head, body]) : body;
  for (let at = 0; at < rest.length; ) {
    const end = cut === 'by byte' ? at + 1 : rest.indexOf('\n', at) + 1 || rest.length;
    yield rest.subarray(at, end);
    at = end;
  }
}

/** Returns the answer as bytes. An end other than `clean` announces more than it sends, if the framing announces a length. */
function bytesOf(reply: RawReply): { head: Buffer; body: Buffer } {
  const { verbatim, before = '', version = '1.1', status = '200 OK', headers = [], framing = 'chunked', end } = reply;
  if (verbatim !== undefined) return { head: Buffer.alloc(0), body: Buffer.from(verbatim) };
  const content = Buffer.from(reply.body);
  const lines = [`HTTP/${version} ${status}`, ...headers];
  const parts: Buffer[] = [content];
  if (framing === 'length') {
    lines.push(`content-length: ${end === 'clean' ? content.length : content.length + 100}`);
  } else if (framing === 'close') {
    lines.push('connection: close');
  } else {
    lines.push('transfer-encoding: chunked');
    if (content.length > 0)
      parts.splice(0, 1, Buffer.from(`${content.length.toString(16)}\r\n`), content, Buffer.from('\r\n'));
    if (end === 'clean') parts.push(Buffer.from('0\r\n\r\n'));
  }
  return { head: Buffer.from(`${before}${lines.join('\r\n')}\r\n\r\n`), body: Buffer.concat(parts) };
}

/** Takes one whole request from the received bytes. */
function readRequest(bytes: Buffer): { request?: RawRequest; rest: Buffer } {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return { rest: bytes };
  const head = bytes.toString('latin1', 0, headEnd);
  const [method = '', path = ''] = head.split(' ', 2);
  const start = headEnd + 4;
  const done = (body: string, end: number) => ({ request: { method, path, body }, rest: bytes.subarray(end) });
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
    const end = bytes.indexOf('0\r\n\r\n', start);
    return end < 0 ? { rest: bytes } : done(bytes.toString('utf8', start, end), end + 5);
  }
  const end = start + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  return bytes.length < end ? { rest: bytes } : done(bytes.toString('utf8', start, end), end);
}
