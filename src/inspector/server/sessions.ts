import { createHash, randomBytes } from 'node:crypto';

/** Most sessions at once. */
export const MOST_SESSIONS = 100;
/** A session ends after this time without use, in ms. */
export const IDLE_MS = 12 * 60 * 60 * 1_000;

/** One browser that has shown a token. */
export interface Session {
  /** The value of the `x-choragus-csrf` header of this session. */
  readonly csrf: string;
  /** Whether its token permits actions. */
  readonly mayAct: boolean;
  /** Ends the open event streams of the session. */
  readonly streams: Set<() => void>;
}

interface Entry extends Session {
  usedAt: number;
}

/** Holds the sessions by the digest of their id. Only an id that was made here is found. */
export class Sessions {
  /** The least recently used one is first. */
  readonly #all = new Map<string, Entry>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get size(): number {
    this.#expire();
    return this.#all.size;
  }

  /** Starts a session and returns its id. Ends the least recently used one without a stream if there are too many. */
  start(mayAct: boolean): string {
    this.#expire();
    if (this.#all.size >= MOST_SESSIONS) {
      const oldest = [...this.#all].find(([, { streams }]) => streams.size === 0) ?? [...this.#all][0];
      if (oldest !== undefined) this.#end(oldest[0]);
    }
    const id = randomBytes(24).toString('base64url');
    const csrf = randomBytes(18).toString('base64url');
    this.#all.set(keyOf(id), { csrf, mayAct, streams: new Set(), usedAt: this.#now() });
    return id;
  }

  /** Returns the session of an id, and counts as its use. */
  find(id: string): Session | undefined {
    this.#expire();
    const key = keyOf(id);
    const entry = this.#all.get(key);
    if (entry === undefined) return undefined;
    entry.usedAt = this.#now();
    this.#all.delete(key);
    this.#all.set(key, entry);
    return entry;
  }

  /** Ends one session and its event streams. */
  end(session: Session): void {
    for (const [key, entry] of this.#all) if (entry === session) this.#end(key);
  }

  /** Ends all sessions and their event streams. */
  endAll(): void {
    for (const key of [...this.#all.keys()]) this.#end(key);
  }

  /** Adds an event stream. Returns what to call when it closes: the idle time begins then. */
  hold(session: Session, end: () => void): () => void {
    session.streams.add(end);
    return () => {
      session.streams.delete(end);
      for (const entry of this.#all.values()) if (entry === session) entry.usedAt = this.#now();
    };
  }

  #end(key: string): void {
    const entry = this.#all.get(key);
    this.#all.delete(key);
    for (const end of [...(entry?.streams ?? [])]) end();
  }

  #expire(): void {
    const since = this.#now() - IDLE_MS;
    for (const [key, { streams, usedAt }] of this.#all) if (streams.size === 0 && usedAt <= since) this.#end(key);
  }
}

/** The lookup by digest: its time tells nothing about the id. */
function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('base64');
}
