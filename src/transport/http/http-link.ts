import type net from 'node:net';
import type { Channel, ChannelSink, Frame, Outgoing } from '../../contract/index.js';
import { connectionLost } from '../../errors/index.js';
import { chatOf } from './chat.js';
import { ChatExchange, type Outcome } from './chat-exchange.js';
import type { HttpSocket } from './http-socket.js';
import type { Origin } from './origin.js';
import { probe, signOfLife } from './probe.js';
import { keepAliveMs } from './response-head.js';

/** A request on its way: while its socket is opened, and while it is asked. */
interface Turn {
  readonly request: Outgoing;
  /** Its `request_id`, once it is committed. */
  id: unknown;
  /** Ends what is under way for it. */
  cancel: () => void;
  isOver: boolean;
}

/**
 * One connection to a model server as a link: one request at a time. The sockets beneath it come and go: one that the server has closed, or
 * may be about to close, is never written to, and that one goes is no failure.
 */
export class HttpLink implements Channel {
  readonly #origin: Origin;
  readonly #sink: ChannelSink;
  readonly #onLost: (error: unknown) => void;
  readonly #waiting: Outgoing[] = [];
  #turn: Turn | undefined;
  /** The socket that may be used next. */
  #idle: HttpSocket | undefined;
  /** The one whose answer is told, and whose rest is read. */
  #resting: ChatExchange | undefined;
  #cancelPing: () => void = () => {};
  #cancelDial: () => void = () => {};
  #state: 'dialling' | 'open' | 'closed' = 'dialling';
  isWritable = true;

  /** `onLost` is called once the link cannot go on. */
  constructor(origin: Origin, sink: ChannelSink, onLost: (error: unknown) => void) {
    this.#origin = origin;
    this.#sink = sink;
    this.#onLost = onLost;
  }

  /** Opens a socket, and asks the server whether it is there where that is not known. Calls `onUp` once it is. */
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
    // Ends the answer, and its socket with it: the server stops to work on it.
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
    // A turn of the event loop: what the server closed meanwhile is read before it is written to.
    const immediate = setImmediate(() => this.#begin(turn));
    turn.cancel = () => clearImmediate(immediate);
  }

  /** Whether a socket is at hand that may be used, or will be once the rest of its answer has come. */
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

  /** The idle socket, where a request on it is safe; one on which it is not is let go. */
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
    // A ping has a socket of its own.
    this.#keep(socket);
    if (frame.type !== 'ping') {
      const error = 'a model server takes chats alone';
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
      headers: { ...origin.headers, 'content-type': 'application/json' },
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
      // A request that undici will not take: a bug.
      this.#lost(error);
    }
  }

  /** The server does not know how to count tokens, and is not asked to any more. That it refused proves that it has begun nothing. */
  #askAgain(turn: Turn, frame: Frame): void {
    const origin = this.#origin;
    turn.cancel = origin.open((error, opened) => {
      if (opened !== undefined) return this.#ask(turn, this.#speakOn(opened), frame);
      // It was sent, and refused: what cannot be reached any more is no reason to say that it was not.
      const why = 'the server refused an option, and could not be reached to ask without it';
      this.#over(turn, { kind: 'failed', error: connectionLost(why, { cause: error }) });
      this.#gone(error);
    });
  }

  /** A socket's answer has come to its end. */
  #answered(socket: HttpSocket, { head }: ChatExchange): void {
    const isOpen = socket.answered(head === undefined ? undefined : keepAliveMs(head.headers));
    // Servers keep their sockets after an error that close them after a stream: that says nothing.
    if (head === undefined || head.status >= 300 || this.#state !== 'open') return socket.destroy();
    if (isOpen) this.#keep(socket);
    else this.#closedByServer(socket);
  }

  /** Has a socket at hand for the next request. */
  #keep(socket: HttpSocket): void {
    if (this.#idle !== undefined) this.#retire(this.#idle);
    this.#idle = socket;
    socket.onClosed = () => {
      this.#idle = undefined;
      this.#closedByServer(socket);
    };
  }

  /** The server closed a socket on which nothing was asked: no failure, and something to learn from. */
  #closedByServer(socket: HttpSocket): void {
    this.#origin.reuse.closed(socket, performance.now());
    this.#sink.socketClosed();
  }

  #retire(socket: HttpSocket): void {
    this.#origin.retired.add(socket, () => this.#sink.socketClosed());
  }

  #speakOn(socket: net.Socket): HttpSocket {
    const spoken: HttpSocket = this.#origin.speakOn(socket, (done) => {
      // It was closed between the look and the write.
      this.#closedByServer(spoken);
      return this.#origin.open(done);
    });
    return spoken;
  }

  /** A turn has ended. The link is free before the answer is told: whoever gets it may ask again at once. */
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

  /** The server cannot be reached. */
  #gone(error: unknown): void {
    this.#origin.gone();
    this.#lost(error);
  }

  #lost(error: unknown): void {
    if (this.#state !== 'closed') this.#onLost(error);
  }
}
