import { chartOfDefinition } from '../chart/chart-of.js';
import { boundedContent } from '../content/bounded-content.js';
import type { Redact } from '../content/redact.js';
import type { Feed } from '../feed/feed.js';
import { helloOf } from '../feed/hello.js';
import type { ForeignActor, Hello, Recorded, TraceRecord } from '../feed/records.js';

const MOST_ACTORS = 1_000;
/** Events that are kept for later watchers. */
const MOST_EVENTS = 2_000;
/** Most characters of these events, as JSON. */
const MOST_CHARACTERS = 16_777_216;
/** Longest state value, in characters as JSON. */
const LONGEST_VALUE = 32_768;
/** Longest name or type, in characters. Longer ones are cut. */
const LONGEST_NAME = 200;
const STATUSES: readonly string[] = ['active', 'done', 'error', 'stopped'];

type Json = Readonly<Record<string, unknown>>;

/** Converts the messages of other programs, in the format of `@statelyai/inspect`, into a feed. */
export class ForeignFeed implements Feed {
  readonly #actors = new Map<string, ForeignActor>();
  readonly #listeners = new Set<(record: Recorded) => void>();
  readonly #redact: Redact | undefined;
  readonly #events: { readonly record: TraceRecord; readonly size: number }[] = [];
  #size = 0;
  #seq = 0;

  /** @param redact - Decides what is kept of the events' fields and of the contexts. */
  constructor(redact?: Redact) {
    this.#redact = redact;
  }

  hello(): Hello {
    return helloOf({ pool: 'running', incidents: [], may: { actions: false }, requests: 'nothing', cis: 0 });
  }

  *state(): Generator<Recorded> {
    yield { t: 'cis', at: Date.now(), isFirst: true, rows: [], left: 0 };
    for (const actor of [...this.#actors.values()]) yield actor;
    for (const { record } of [...this.#events]) yield record;
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
    const { value, context } = this.#shown(snapshot);
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
      ...(context === undefined ? {} : { context }),
    });
    return true;
  }

  #happened(session: string, actor: string, { event, sourceId }: Json): boolean {
    const type = nameIn((event as Json | undefined)?.type);
    if (type === undefined) return false;
    const from = nameIn(sourceId);
    const payload = this.#payload(event);
    this.#note({
      ...this.#head(session),
      kind: 'event',
      ...(from === undefined ? {} : { from }),
      to: actor,
      type,
      ...(payload === undefined ? {} : { payload }),
    });
    return true;
  }

  #moved(session: string, actor: string, { snapshot, event }: Json): boolean {
    if (typeof snapshot !== 'object' || snapshot === null) return false;
    const { value, context } = this.#shown(snapshot);
    const type = nameIn((event as Json | undefined)?.type) ?? '';
    const shown = { ...(value === undefined ? {} : { value }), ...(context === undefined ? {} : { context }) };
    // A promise has neither.
    if (Object.keys(shown).length > 0) this.#note({ ...this.#head(session), kind: 'state', to: actor, type, ...shown });
    const key = `${session} ${actor}`;
    const known = this.#actors.get(key);
    if (known === undefined) return true;
    const status = statusOf(snapshot);
    const next = { ...known, at: Date.now(), status, ...shown };
    // The watchers have the rest from the event. With it, the chart would follow each event.
    if (known.status === status) this.#actors.set(key, next);
    else this.#put(key, next);
    return true;
  }

  #shown(snapshot: unknown): { readonly value?: unknown; readonly context?: unknown } {
    if (typeof snapshot !== 'object' || snapshot === null) return {};
    const { value, context } = snapshot as Json;
    const isShort = value !== undefined && JSON.stringify(value).length <= LONGEST_VALUE;
    return {
      ...(isShort ? { value } : {}),
      ...(context === undefined ? {} : { context: boundedContent(context, 'context', this.#redact) }),
    };
  }

  /** Returns the event's fields; undefined if it has only its type. */
  #payload(event: unknown): unknown {
    const { type: _, ...fields } = event as Json;
    return Object.keys(fields).length === 0 ? undefined : boundedContent(fields, 'event', this.#redact);
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
    const size = JSON.stringify(event).length;
    this.#events.push({ record: event, size });
    this.#size += size;
    while (this.#events.length > MOST_EVENTS || this.#size > MOST_CHARACTERS) {
      this.#size -= this.#events.shift()?.size ?? 0;
    }
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
