import { isPlainObject, lineOf } from '../checks/index.js';
import type { Frame } from '../contract/index.js';
import { wrongArgument } from '../errors/index.js';
import { replyTypeOf } from '../server/answers.js';
import { type EchoOptions, readEcho } from './echo-options.js';
import type { ScriptedConnection } from './scripted-connection.js';

/**
 * Gives a test one request of a scripted CI, and the means to answer it correctly, wrongly, or more than once. Its
 * methods throw a ChoragusError, `invalid_config`, for a wrong argument.
 */
export class ScriptedRequest {
  /** The request as parsed; empty if the line was no JSON object. */
  readonly message: Frame;
  /** The line as it came, without its end. */
  readonly line: string;
  /** The connection that it came on. */
  readonly connection: ScriptedConnection;
  readonly #aiId: string;
  /** It was answered: a pool's probe behind it may be. */
  readonly #settled: () => void;
  #chunks = 0;

  /** @internal */
  constructor(line: string, connection: ScriptedConnection, aiId: string, settled: () => void) {
    this.line = line;
    this.message = parse(line);
    this.connection = connection;
    this.#aiId = aiId;
    this.#settled = settled;
  }

  /** Answers: with a text, in a reply of the type that fits the request; or with a frame, unchanged. */
  reply(answer: string | Frame, options?: EchoOptions): void {
    const head = { type: replyTypeOf(this.message.type), ai_id: this.#aiId };
    this.#send('reply', typeof answer === 'string' ? { ...head, content: answer } : answer, options);
    this.#settled();
  }

  /** Sends a text unchanged, without a line end. */
  replyText(raw: string): void {
    this.connection.send(raw);
    this.#settled();
  }

  /** Sends the next piece of a stream and counts `chunk_index`. */
  chunk(content: string, options?: EchoOptions): void {
    checkText('chunk', 'content', content);
    this.#send('chunk', { type: 'stream_chunk', content, chunk_index: this.#chunks }, options);
    this.#chunks += 1;
    // A stream that has begun is told from all else by its id.
    this.#settled();
  }

  /** Ends a stream. */
  end(options?: EchoOptions): void {
    this.#send('end', { type: 'stream_end', metadata: {} }, options);
    this.#settled();
  }

  /** Fails a stream. */
  streamError(message: string, options?: EchoOptions): void {
    checkText('streamError', 'message', message);
    this.#send('streamError', { type: 'stream_error', error: message }, options);
    this.#settled();
  }

  /** Answers with an error. */
  error(message: string, options?: EchoOptions): void {
    checkText('error', 'message', message);
    this.#send('error', { type: 'error', ai_id: this.#aiId, error: message }, options);
    this.#settled();
  }

  #send(of: string, frame: Frame, options: EchoOptions | undefined): void {
    const id = readEcho(of, options) ? this.message.request_id : undefined;
    const echoed = id === undefined || !isFrame(frame) ? frame : { request_id: id, ...frame };
    this.connection.send(`${lineOf(of, 'answer', echoed)}\n`);
  }
}

function checkText(of: string, argument: string, text: unknown): void {
  if (typeof text !== 'string') throw wrongArgument(of, argument, text, 'a text');
}

/** Anything else is refused as it is. */
function isFrame(frame: unknown): boolean {
  try {
    return isPlainObject(frame);
  } catch {
    // A proxy.
    return false;
  }
}

function parse(line: string): Frame {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Frame) : {};
  } catch {
    return {};
  }
}
