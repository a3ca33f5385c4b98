import type net from 'node:net';
import type { Channel, ChannelSink, Frame, Outgoing } from '../../contract/index.js';
import { connectionLost } from '../../errors/index.js';
import { chatOf } from './chat.js';
import { ChatExchange, type Outcome } from './chat-exchange.js';
import type { HttpSocket } from './http-socket.js';
import type { Origin } from './origin.js';
import { probe, signOfLife } from './probe.js';
import { keepAliveMs } from './response-head.js';

/** One request, while its socket is opened and while it is answered. */
interface Turn {
  readonly request: Outgoing;
  /** Its `request_id`, once it is committed. */
  id: unknown;
  /** Cancels the current step. */
  cancel: () => void;
  isOver: boolean;
}

/**
 * Makes a link of the sockets to a model server: one request at a time. A socket that the server has closed, or may be
 * about to close, is never written to. A closed socket is not a failure of the link.
 */
export class HttpLink implements Channel {
  readonly #origin: Origin;
  readonly #sink: ChannelSink;
  readonly #onLost: (error: unknown) => void;
  readonly #waiting: Outgoing[] = [];
  #turn: Turn | undefined;
  /** The socket for the next request. */
  #idle: HttpSocket | undefined;
  /** The exchange whose answer was reported, and whose rest is still read. */
  #resting: ChatExchange | undefined;
  #cancelPing: () => void = () => {};
  #cancelDial: () => void = () => {};
  #state: 'dialling' | 'open' | 'closed' = 'dialling';
  isWritable = true;

  /** @param onLost - Called once the link cannot go on. */
  constructor(origin: Origin, sink: ChannelSink, onLost: (error: unknown) => void) {
    this.#origin = origin;
    this.#sink = sink;
    this.#onLost = onLost;
  }

  /** Opens a socket, and checks that the server is up if that is not known. Calls `onUp` when it is. */
  dial(onUp: () => void): void {
    const path = this.#origin.linkOpened();
    const up = (): void => {
      this.#state = 'open';
      onUp();
    };
    this.#cancelDial = this.#origin.open((error, socket) => {
      if (socket === undefined) return this.#gone(error);
      if (path === undefined) {
        this.#idle = this.#speakOn(socket);
        return up();
      }
      this.#cancelDial = probe(this.#origin, socket, path, (problem) => {
        this.#origin.probed(problem === undefined ? 'there' : 'not there');
        if (problem === undefined) up();
        else this.#onLost(problem);
      });
    });
  }

  send(request: Outgoing): void {
    this.isWritable = false;
    this.#waiting.push(request);
    if (this.#turn === undefined && this.#waiting.length === 1) process.nextTick(() => this.#next());
  }

  ping(): void {
    this.#cancelPing();
    this.#cancelPing = signOfLife(this.#origin, (error) => {
      if (this.#state !== 'open') return;
      if (error === undefined) this.#sink.alive();
      else this.#gone(error);
    });
  }

  giveUp(request: Outgoing): 'over' {
    const at = this.#waiting.indexOf(request);
    if (at !== -1) this.#waiting.splice(at, 1);
    const turn = this.#turn;
    if (turn?.request !== request) return 'over';
    // Closing the socket makes the server stop its work on the answer.
    turn.cancel();
    process.nextTick(() => this.#over(turn));
    return 'over';
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.isWritable = false;
    this.#waiting.length = 0;
    this.#cancelDial();
    this.#cancelPing();
    this.#turn?.cancel();
    this.#resting?.abort();
    this.#idle?.destroy();
    this.#origin.linkClosed();
  }

  #next(): void {
    if (this.#state === 'closed' || this.#turn !== undefined) return;
    const request = this.#waiting.shift();
    if (request === undefined) return this.#free();
    const turn: Turn = { request, id: undefined, cancel: () => {}, isOver: false };
    this.#turn = turn;
    if (!this.#maySoonReuse) return this.#begin(turn);
    // Waits a turn of the event loop, so that a close by the server is read before the write.
    const immediate = setImmediate(() => this.#begin(turn));
    turn.cancel = () => clearImmediate(immediate);
  }

  /** Returns whether a socket can be used, or can be once the rest of its answer was read. */
  get #maySoonReuse(): boolean {
    return this.#resting !== undefined || (this.#idle !== undefined && this.#isSafe(this.#idle));
  }

  #isSafe(socket: HttpSocket): boolean {
    return socket.isOpen && this.#origin.reuse.isSafe(socket, performance.now());
  }

  #begin(turn: Turn): void {
    const socket = this.#takeIdle();
    if (socket !== undefined) return this.#commit(turn, socket, undefined);
    const beganMs = performance.now();
    turn.cancel = this.#origin.open((error, opened) => {
      if (opened === undefined) return this.#gone(error);
      this.#sink.socketOpened(performance.now() - beganMs);
      this.#commit(turn, this.#speakOn(opened), 'fresh');
    });
  }

  /** Returns the idle socket if a request on it is safe. Otherwise retires it. */
  #takeIdle(): HttpSocket | undefined {
    const socket = this.#idle;
    this.#idle = undefined;
    if (socket === undefined) return undefined;
    socket.onClosed = undefined;
    if (this.#isSafe(socket)) return socket;
    if (socket.isClosing) this.#closedByServer(socket);
    else this.#retire(socket);
    return undefined;
  }

  #commit(turn: Turn, socket: HttpSocket, how: 'fresh' | undefined): void {
    const line = turn.request.commit(how);
    if (line === '') {
      this.#keep(socket);
      return this.#over(turn);
    }
    const frame = JSON.parse(line) as Frame;
    turn.id = frame.request_id;
    if (frame.type === 'chat') return this.#ask(turn, socket, frame);
    // A ping has its own socket.
    this.#keep(socket);
    if (frame.type !== 'ping') {
      const error = 'a model server accepts only chats';
      return this.#over(turn, { kind: 'answered', frame: { type: 'error', error, request_id: turn.id } });
    }
    turn.cancel = signOfLife(this.#origin, (error) => {
      if (error !== undefined) return this.#gone(error);
      this.#sink.alive();
      this.#over(turn, { kind: 'answered', frame: { type: 'pong', request_id: turn.id } });
    });
  }

  #ask(turn: Turn, socket: HttpSocket, frame: Frame): void {
    const origin = this.#origin;
    const chat = chatOf(frame);
    const usage = origin.usageFor(chat);
    const wasUsed = socket.answers > 0;
    const askedMs = performance.now();
    const exchange: ChatExchange = new ChatExchange({
      socket,
      dialect: origin.dialect,
      ci: origin.ci,
      sink: this.#sink,
      frame,
      body: JSON.stringify(origin.dialect.bodyOf(chat, usage)),
      headers: { ...origin.headers, ...chat.trace, 'content-type': 'application/json' },
      maxReplyBytes: origin.maxReplyBytes,
      finishGraceMs: origin.finishGraceMs,
      onOutcome: (outcome) => {
        this.#resting?.abort();
        this.#resting = exchange;
        if (outcome.kind === 'failed' && origin.usage.isToBlame(usage, outcome.error))
          return this.#askAgain(turn, frame);
        if (outcome.kind === 'answered') origin.usage.answered(usage);
        else if (wasUsed && exchange.head === undefined) origin.reuse.closed(socket, askedMs);
        this.#over(turn, outcome);
      },
      onFree: () => {
        if (this.#resting === exchange) this.#resting = undefined;
        this.#answered(socket, exchange);
      },
    });
    turn.cancel = () => exchange.abort();
    try {
      exchange.begin();
    } catch (error) {
      // undici refuses the request: a bug.
      this.#lost(error);
    }
  }

  /**
   * Repeats a request without the option to count tokens, which the server does not know. Its refusal proves that it
   * has done no work.
   */
  #askAgain(turn: Turn, frame: Frame): void {
    const origin = this.#origin;
    turn.cancel = origin.open((error, opened) => {
      if (opened !== undefined) return this.#ask(turn, this.#speakOn(opened), frame);
      // The first try was sent and refused, so `not_sent` would be wrong.
      const why = 'the server refused an option, and could not be reached to ask without it';
      this.#over(turn, { kind: 'failed', error: connectionLost(why, { cause: error }) });
      this.#gone(error);
    });
  }

  /** Handles the end of a socket's answer. */
  #answered(socket: HttpSocket, { head }: ChatExchange): void {
    const isOpen = socket.answered(head === undefined ? undefined : keepAliveMs(head.headers));
    // Some servers keep a socket after an error that they close after a stream, so an error teaches nothing.
    if (head === undefined || head.status >= 300 || this.#state !== 'open') return socket.destroy();
    if (isOpen) this.#keep(socket);
    else this.#closedByServer(socket);
  }

  /** Keeps a socket for the next request. */
  #keep(socket: HttpSocket): void {
    if (this.#idle !== undefined) this.#retire(this.#idle);
    this.#idle = socket;
    socket.onClosed = () => {
      this.#idle = undefined;
      this.#closedByServer(socket);
    };
  }

  /**
   * Handles a socket that the server closed while it was idle: not a failure, but it teaches how long the server keeps
   * sockets.
   */
  #closedByServer(socket: HttpSocket): void {
    this.#origin.reuse.closed(socket, performance.now());
    this.#sink.socketClosed();
  }

  #retire(socket: HttpSocket): void {
    this.#origin.retired.add(socket, () => this.#sink.socketClosed());
  }

  #speakOn(socket: net.Socket): HttpSocket {
    const spoken: HttpSocket = this.#origin.speakOn(socket, (done) => {
      // It was closed between the check and the write.
      this.#closedByServer(spoken);
      return this.#origin.open(done);
    });
    return spoken;
  }

  /** Ends a turn. The link is free before the answer is reported, because its receiver may send a request at once. */
  #over(turn: Turn, outcome?: Outcome): void {
    if (turn.isOver || this.#state === 'closed') return;
    turn.isOver = true;
    this.#turn = undefined;
    if (this.#waiting.length > 0) process.nextTick(() => this.#next());
    else this.isWritable = true;
    try {
      if (outcome?.kind === 'answered') this.#sink.frame(outcome.frame);
      else if (outcome?.kind === 'failed') this.#sink.requestFailed(turn.id, outcome.error);
      else if (outcome !== undefined) return this.#lost(outcome.error);
      if (this.isWritable) this.#sink.drained();
    } catch (error) {
      this.#lost(error);
    }
  }

  #free(): void {
    this.isWritable = true;
    this.#sink.drained();
  }

  /** Handles a server that cannot be reached. */
  #gone(error: unknown): void {
    this.#origin.gone();
    this.#lost(error);
  }

  #lost(error: unknown): void {
    if (this.#state !== 'closed') this.#onLost(error);
  }
}
