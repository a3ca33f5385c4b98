import type { Client } from 'undici';
import type { Channel, ChannelSink, Frame, Outgoing } from '../../contract/index.js';
import { ChoragusError } from '../../errors/index.js';
import { LineDecoder } from '../../protocol/ndjson.js';
import { Answer } from './answer.js';
import { chatOf } from './chat-of.js';
import type { ChatDialect } from './dialect.js';
import { fromProbe, retryAfterSeconds } from './http-error.js';
import { readBody } from './read-body.js';

/** Of an answer that is an error, no more is read, in bytes. */
const MOST_ERROR_BYTES = 65_536;

/** What a link is made of. */
export interface HttpLinkParts {
  readonly client: Client;
  readonly dialect: ChatDialect;
  readonly ci: string;
  readonly maxReplyBytes: number;
  readonly sink: ChannelSink;
  /** The link cannot go on. */
  readonly onLost: (error: unknown) => void;
}

type Response = Awaited<ReturnType<Client['request']>>;

interface Exchange {
  readonly request: Outgoing;
  readonly abort: AbortController;
}

/**
 * One HTTP/1.1 connection as a link: one request at a time. Its socket may be closed while nothing is asked, as servers do; then it is
 * opened again, and the server is asked whether it is there, before the next request leaves, so that none is lost with a stale socket.
 */
export class HttpLink implements Channel {
  readonly #parts: HttpLinkParts;
  readonly #waiting: Outgoing[] = [];
  #active: Exchange | undefined;
  #socket: 'open' | 'none' = 'none';
  #state: 'dialling' | 'open' | 'closed' = 'dialling';
  isWritable = true;

  constructor(parts: HttpLinkParts) {
    this.#parts = parts;
    parts.client.on('connect', () => {
      this.#socket = 'open';
    });
    parts.client.on('disconnect', () => {
      this.#socket = 'none';
    });
  }

  /** Settles once the server has said that it is there. */
  async dial(): Promise<void> {
    await this.#probe();
    if (this.#state === 'dialling') this.#state = 'open';
  }

  send(request: Outgoing): void {
    this.isWritable = false;
    this.#waiting.push(request);
    if (this.#active === undefined && this.#waiting.length === 1) process.nextTick(() => this.#next());
  }

  ping(): void {
    this.#probe().catch((error: unknown) => this.#lost(error));
  }

  giveUp(request: Outgoing): 'owed' | 'over' {
    const at = this.#waiting.indexOf(request);
    if (at !== -1) this.#waiting.splice(at, 1);
    // Ends the answer, and its socket with it: the server stops to generate.
    if (this.#active?.request === request) this.#active.abort.abort();
    return 'over';
  }

  close(): void {
    this.#state = 'closed';
    this.isWritable = false;
    this.#waiting.length = 0;
    this.#active?.abort.abort();
    void this.#parts.client.destroy();
  }

  #next(): void {
    const request = this.#waiting.shift();
    if (this.#state === 'closed' || this.#active !== undefined) return;
    if (request === undefined) return this.#free();
    const exchange = { request, abort: new AbortController() };
    this.#active = exchange;
    this.#exchange(exchange).then(
      (last) => this.#over(last),
      (error: unknown) => (exchange.abort.signal.aborted ? this.#over(undefined) : this.#lost(error)),
    );
  }

  /** The link is free before the answer is told: whoever gets it may ask again at once. */
  #over(last: Frame | undefined): void {
    this.#active = undefined;
    if (this.#state === 'closed') return;
    if (this.#waiting.length > 0) process.nextTick(() => this.#next());
    else this.isWritable = true;
    try {
      if (last !== undefined) this.#parts.sink.frame(last);
      if (this.isWritable) this.#parts.sink.drained();
    } catch (error) {
      this.#lost(error);
    }
  }

  #free(): void {
    this.isWritable = true;
    this.#parts.sink.drained();
  }

  #lost(error: unknown): void {
    if (this.#state === 'open') this.#parts.onLost(error);
  }

  /** Asks whether the server is there. What it says is read to its end. */
  async #probe(signal?: AbortSignal): Promise<void> {
    const { client, dialect, ci, sink } = this.#parts;
    const { probePath: path, headers } = dialect;
    const { statusCode, body } = await client.request({ method: 'GET', path, headers: { ...headers }, signal });
    await body.dump();
    if (!dialect.isThere(statusCode)) throw fromProbe(statusCode, ci);
    if (this.#state === 'open' && signal?.aborted !== true) sink.alive();
  }

  /** Asks, and tells of what comes. Settles with the frame that ends the answer, or with none. */
  async #exchange({ request, abort }: Exchange): Promise<Frame | undefined> {
    const hadSocket = this.#socket === 'open';
    if (!hadSocket) await this.#probe(abort.signal);
    const line = request.commit(hadSocket ? undefined : 'fresh');
    if (line === '') return undefined;
    const frame = JSON.parse(line) as Frame;
    if (frame.type === 'chat') return this.#chat(frame, abort.signal);
    if (frame.type !== 'ping')
      return { type: 'error', error: 'this wire carries chats alone', request_id: frame.request_id };
    await this.#probe(abort.signal);
    return { type: 'pong', request_id: frame.request_id };
  }

  async #chat(frame: Frame, signal: AbortSignal): Promise<Frame> {
    const { client, dialect, sink, maxReplyBytes } = this.#parts;
    const answer = new Answer(sink, frame, maxReplyBytes);
    const response = await client.request({
      method: 'POST',
      path: dialect.chatPath,
      headers: { ...dialect.headers, 'content-type': 'application/json' },
      body: JSON.stringify(dialect.bodyOf(chatOf(frame))),
      signal,
      // A model may take minutes to load, and to think: the request's own deadlines watch.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    signal.throwIfAborted();
    sink.alive();
    if (response.statusCode !== 200) return answer.fail(await this.#refusal(response, signal));
    let last: Frame | undefined;
    const decoder = new LineDecoder(maxReplyBytes);
    const onLine = (line: string): void => {
      const isOver = last !== undefined || signal.aborted;
      const part = isOver ? undefined : dialect.read(line);
      if (part !== undefined) last = answer.take(part);
    };
    await readBody(response.body, signal, (bytes) => {
      sink.alive();
      decoder.push(bytes, onLine);
    });
    decoder.push(Buffer.from('\n'), onLine);
    if (last !== undefined) return last;
    throw new ChoragusError('protocol_error', 'the answer was cut: it has no end');
  }

  /** What the server says of what it did not answer. */
  async #refusal({ statusCode, headers, body }: Response, signal: AbortSignal): Promise<string> {
    const { dialect, sink } = this.#parts;
    const pieces: Buffer[] = [];
    let size = 0;
    await readBody(body, signal, (bytes) => {
      sink.alive();
      if (size < MOST_ERROR_BYTES) pieces.push(bytes);
      size += bytes.length;
    });
    const why = dialect.errorOf(Buffer.concat(pieces).toString());
    const said = why === undefined ? `status ${statusCode}` : `status ${statusCode}: ${why}`;
    if (statusCode !== 429 && statusCode !== 503) return said;
    // It is told, and not asked again behind the caller's back.
    sink.suspect();
    const seconds = retryAfterSeconds(headers['retry-after'], Date.now());
    return seconds === undefined ? said : `${said}; it can be asked again in ${seconds} s`;
  }
}
