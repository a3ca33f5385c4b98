import { LOOKS_MS, type SocketPast, SocketReuse } from '../../../../src/transport/http/socket-reuse.js';

/** When a server closes a socket, with or without requests in flight. */
export type ServerHabit =
  | { readonly closes: 'after answers'; readonly answers: number; readonly delayMs: number }
  | { readonly closes: 'after the first answer' | 'after the last answer'; readonly ms: number }
  | { readonly closes: 'never' };

/** One request. */
export interface Asking {
  /** Time since the previous answer on its connection, or since the previous request. */
  readonly gapMs: number;
  readonly answerMs: number;
  /** Time that bytes, and the news of a close, take in each direction. */
  readonly latencyMs: number;
  /** Which connection sends it, modulo their number. */
  readonly link: number;
}

/** The result of all requests. */
export interface Outcome {
  /** Whether each request used a socket that had carried one before. */
  readonly reused: readonly boolean[];
  /** Requests that were written to a socket which the server closed before the answer. */
  readonly lost: number;
}

interface Socket extends SocketPast {
  answers: number;
  firstAnswerMs: number;
  lastAnswerMs: number;
  /** When the server closes it. */
  closesMs: number;
  latencyMs: number;
}

/** What happens next to a socket. */
interface Due {
  readonly what: 'closed' | 'look';
  readonly socket: Socket;
  readonly atMs: number;
}

/** The limits of watched sockets: how many at once, and each for how long, as in `RetiredSockets`. */
const MOST_WATCHED = 8;
const LONGEST_WATCH_MS = 128_000;
const [SOON_MS, SETTLED_MS] = LOOKS_MS;

/** The sockets of one server in virtual time: those for use, and those under watch. */
class World {
  readonly reuse = new SocketReuse();
  readonly #habit: ServerHabit;
  readonly #watched = new Map<Socket, number>();
  readonly #atHand: (Socket | undefined)[];
  #longest: Socket | undefined;

  constructor(habit: ServerHabit, links: number) {
    this.#habit = habit;
    this.#atHand = Array.from({ length: links }, () => undefined);
  }

  /** Sends a request, and returns the time of its answer. */
  ask({ answerMs, latencyMs, link }: Asking, nowMs: number): { endMs: number; reused: boolean; lost: boolean } {
    const at = link % this.#atHand.length;
    const known = this.#atHand[at];
    this.#atHand[at] = undefined;
    const reused = known !== undefined && this.reuse.isSafe(known, nowMs);
    if (known !== undefined && !reused) this.#retire(known, nowMs);
    const socket = reused ? known : this.#open(nowMs, latencyMs);
    const endMs = nowMs + 2 * latencyMs + answerMs;
    // The server resets its idle time when the request arrives.
    const isHeard = socket.closesMs > nowMs + latencyMs;
    if (this.#habit.closes === 'after the last answer' && isHeard) socket.closesMs = Number.POSITIVE_INFINITY;
    const lost = socket.closesMs < endMs;
    if (lost) this.reuse.closed(socket, nowMs);
    else this.#answered(socket, endMs, latencyMs, at);
    return { endMs, reused, lost };
  }

  /** Lets everything happen that is due up to a moment, in order. */
  runTo(untilMs: number): void {
    for (;;) {
      const due = this.#nextDue(untilMs);
      if (due === undefined) return;
      if (due.what === 'closed') this.#sawClosed(due.socket, due.atMs);
      else this.#look(due.socket, due.atMs);
    }
  }

  /** Looks at every socket, without an array of them: it is called 100,000 times. */
  #nextDue(untilMs: number): Due | undefined {
    let first: Due | undefined;
    const consider = (what: Due['what'], socket: Socket, atMs: number) => {
      if (atMs <= untilMs && (first === undefined || atMs < first.atMs)) first = { what, socket, atMs };
    };
    for (const socket of this.#watched.keys()) consider('closed', socket, socket.closesMs + socket.latencyMs);
    for (const socket of this.#atHand) {
      if (socket !== undefined) consider('closed', socket, socket.closesMs + socket.latencyMs);
    }
    for (const [socket, atMs] of this.#watched) consider('look', socket, atMs);
    return first;
  }

  #open(nowMs: number, latencyMs: number): Socket {
    const never = Number.POSITIVE_INFINITY;
    const past = { openedMs: nowMs, answers: 0, firstAnswerMs: 0, lastAnswerMs: 0, keptMs: undefined };
    return { ...past, closesMs: never, latencyMs };
  }

  #answered(socket: Socket, nowMs: number, latencyMs: number, at: number): void {
    socket.answers += 1;
    socket.lastAnswerMs = nowMs;
    if (socket.answers === 1) socket.firstAnswerMs = nowMs;
    socket.latencyMs = latencyMs;
    const sentMs = nowMs - latencyMs;
    const habit = this.#habit;
    if (habit.closes === 'after answers' && socket.answers === habit.answers) socket.closesMs = sentMs + habit.delayMs;
    if (habit.closes === 'after the last answer') socket.closesMs = sentMs + habit.ms;
    if (habit.closes === 'after the first answer' && socket.answers === 1) socket.closesMs = sentMs + habit.ms;
    this.#atHand[at] = socket;
  }

  #retire(socket: Socket, nowMs: number): void {
    if (this.#watched.size >= MOST_WATCHED) return;
    this.#watched.set(socket, nowMs + Math.max(SOON_MS - (nowMs - socket.lastAnswerMs), 1));
  }

  #look(socket: Socket, nowMs: number): void {
    this.reuse.survived(socket, nowMs);
    this.#longest ??= socket;
    const idleMs = nowMs - socket.lastAnswerMs;
    if (this.#longest !== socket || idleMs >= LONGEST_WATCH_MS) return this.#leave(socket);
    this.#watched.set(socket, nowMs + (idleMs < SETTLED_MS ? Math.max(SETTLED_MS - idleMs, 1) : idleMs));
  }

  #sawClosed(socket: Socket, nowMs: number): void {
    this.#leave(socket);
    const at = this.#atHand.indexOf(socket);
    if (at !== -1) this.#atHand[at] = undefined;
    this.reuse.closed(socket, nowMs);
  }

  #leave(socket: Socket): void {
    this.#watched.delete(socket);
    if (this.#longest === socket) this.#longest = undefined;
  }
}

/** Plays all requests. Those of different connections may overlap; those of one go one after the other. */
export function simulate(habit: ServerHabit, asks: readonly Asking[], links: number): Outcome {
  const world = new World(habit, links);
  const freeMs = Array.from({ length: links }, () => 0);
  const reused: boolean[] = [];
  let lost = 0;
  let nowMs = 0;
  for (const ask of asks) {
    const at = ask.link % links;
    nowMs = Math.max(nowMs, freeMs[at] ?? 0) + ask.gapMs;
    world.runTo(nowMs);
    const outcome = world.ask(ask, nowMs);
    freeMs[at] = outcome.endMs;
    reused.push(outcome.reused);
    if (outcome.lost) lost += 1;
  }
  return { reused, lost };
}
