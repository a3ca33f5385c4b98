import { chartOfDefinition } from '../chart/chart-of.js';
import type { Feed } from '../feed/feed.js';
import { helloOf } from '../feed/hello.js';
import type { ForeignActor, Hello, Recorded, TraceRecord } from '../feed/records.js';

const MOST_ACTORS = 1_000;
/** Events that are kept for later watchers. */
const MOST_EVENTS = 2_000;
/** Longest name or type, in characters. Longer ones are cut. */
const LONGEST_NAME = 200;
const STATUSES: readonly string[] = ['active', 'done', 'error', 'stopped'];

type Json = Readonly<Record<string, unknown>>;

/** Converts the messages of other programs, in the format of `@statelyai/inspect`, into a feed. */
export class ForeignFeed implements Feed {
  readonly #actors = new Map<string, ForeignActor>();
  readonly #listeners = new Set<(record: Recorded) => void>();
  #events: TraceRecord[] = [];
  #seq = 0;

  hello(): Hello {
    return helloOf({ pool: 'running', incidents: [], may: { actions: false }, requests: 'nothing', cis: 0 });
  }

  *state(): Generator<Recorded> {
    yield { t: 'cis', at: Date.now(), isFirst: true, rows: [], left: 0 };
    for (const actor of [...this.#actors.values()]) yield actor;
    for (const event of [...this.#events]) yield event;
    yield { t: 'ready', at: Date.now() };
  }

  subscribe(onRecord: (record: Recorded) => void): () => void {
    const listener = (record: Recorded): void => onRecord(record);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  trace(): undefined {
    return undefined;
  }

  intervene(): boolean {
    return false;
  }

  /** Handles one message of a program. Returns false if it does not understand the message. */
  take(session: string, message: unknown): boolean {
    if (typeof message !== 'object' || message === null) return false;
    const event = message as Json;
    const actor = nameIn(event.sessionId);
    if (actor === undefined) return false;
    if (event.type === '@xstate.actor') return this.#begin(session, actor, event);
    if (event.type === '@xstate.event') return this.#happened(session, actor, event);
    if (event.type === '@xstate.snapshot') return this.#moved(session, actor, event);
    return false;
  }

  /** Marks the actors of a program as stopped, because it has disconnected. */
  leave(session: string): void {
    for (const [key, actor] of this.#actors) {
      if (actor.session !== session || actor.status !== 'active') continue;
      this.#put(key, { ...actor, at: Date.now(), status: 'stopped' });
    }
  }

  #begin(session: string, actor: string, { name, parentId, definition, snapshot }: Json): boolean {
    const key = `${session} ${actor}`;
    if (!this.#actors.has(key) && this.#actors.size >= MOST_ACTORS) this.#forgetOne();
    const parent = nameIn(parentId);
    const chart = chartOfDefinition(definition);
    const value = (snapshot as Json | undefined)?.value;
    this.#put(key, {
      t: 'actor',
      at: Date.now(),
      session,
      actor,
      ...(parent === undefined ? {} : { parent }),
      name: nameIn(name) ?? actor,
      status: statusOf(snapshot),
      ...(chart === undefined ? {} : { chart }),
      ...(value === undefined ? {} : { value }),
    });
    return true;
  }

  #happened(session: string, actor: string, { event, sourceId }: Json): boolean {
    const type = nameIn((event as Json | undefined)?.type);
    if (type === undefined) return false;
    const from = nameIn(sourceId);
    this.#note({ ...this.#head(session), kind: 'event', ...(from === undefined ? {} : { from }), to: actor, type });
    return true;
  }

  #moved(session: string, actor: string, { snapshot, event }: Json): boolean {
    if (typeof snapshot !== 'object' || snapshot === null) return false;
    const { value } = snapshot as Json;
    const type = nameIn((event as Json | undefined)?.type) ?? '';
    if (value !== undefined) this.#note({ ...this.#head(session), kind: 'state', to: actor, type, value });
    const key = `${session} ${actor}`;
    const known = this.#actors.get(key);
    const status = statusOf(snapshot);
    if (known !== undefined && (known.status !== status || JSON.stringify(known.value) !== JSON.stringify(value))) {
      this.#put(key, { ...known, at: Date.now(), status, ...(value === undefined ? {} : { value }) });
    }
    return true;
  }

  #head(session: string) {
    this.#seq += 1;
    return { t: 'trace', at: Date.now(), seq: this.#seq, root: session } as const;
  }

  #put(key: string, actor: ForeignActor): void {
    this.#actors.set(key, actor);
    this.#tell(actor);
  }

  #note(event: TraceRecord): void {
    this.#events.push(event);
    if (this.#events.length >= MOST_EVENTS * 2) this.#events = this.#events.slice(-MOST_EVENTS);
    this.#tell(event);
  }

  /** Removes the oldest stopped actor, or the oldest actor if none has stopped. */
  #forgetOne(): void {
    const over = [...this.#actors].find(([, { status }]) => status !== 'active');
    const [key] = over ?? [...this.#actors][0] ?? [];
    if (key !== undefined) this.#actors.delete(key);
  }

  #tell(record: Recorded): void {
    for (const listener of this.#listeners) listener(record);
  }
}

function nameIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, LONGEST_NAME) : undefined;
}

function statusOf(snapshot: unknown): ForeignActor['status'] {
  const status = (snapshot as Json | undefined)?.status;
  return STATUSES.includes(status as string) ? (status as ForeignActor['status']) : 'active';
}
