import type { Recorded } from '../feed/records.js';

/** Shortest and longest time between two attempts to connect, in ms. */
const FIRST_DELAY_MS = 500;
const MOST_DELAY_MS = 10_000;
/** Time without news after which the stream is opened again: it can be half-open. */
const HALF_OPEN_MS = 10_000;
/** How long the service may take to tell whether the session is valid, in ms. */
const ANSWER_MS = 5_000;

/** Why there is no stream. `lost`: the service cannot be reached. `ended`: it does not know this session. */
export type Outage = 'lost' | 'ended';

/** What a stream reports. */
export interface StreamEvents {
  /** Records have arrived. `characters` is the length of their text. */
  onRecords(records: readonly Recorded[], characters: number): void;
  onOutage(why: Outage): void;
}

/**
 * Receives the service's event stream, and connects again by itself: after a growing delay, and at once if the network is
 * back or the page becomes visible. EventSource alone stops for ever after an answer that is not 200.
 */
export class ServiceStream {
  readonly #path: string;
  readonly #events: StreamEvents;
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #delayMs = FIRST_DELAY_MS;
  readonly #hurry = (): void => {
    if (this.#source === undefined && !document.hidden) this.#open();
  };

  constructor(path: string, events: StreamEvents) {
    this.#path = path;
    this.#events = events;
    addEventListener('online', this.#hurry);
    document.addEventListener('visibilitychange', this.#hurry);
    this.#open();
  }

  close(): void {
    removeEventListener('online', this.#hurry);
    document.removeEventListener('visibilitychange', this.#hurry);
    this.#drop();
  }

  #open(): void {
    this.#drop();
    const source = new EventSource(this.#path);
    this.#source = source;
    source.onmessage = ({ data }: MessageEvent<string>) => {
      this.#delayMs = FIRST_DELAY_MS;
      this.#watch();
      this.#events.onRecords(JSON.parse(data) as Recorded[], data.length);
    };
    source.onerror = () => {
      this.#drop();
      void this.#explain();
    };
    this.#watch();
  }

  /** Opens the stream again if nothing arrives for too long. */
  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), HALF_OPEN_MS);
  }

  /** Finds out why the stream has ended, reports it, and tries again later. */
  async #explain(): Promise<void> {
    this.#timer = setTimeout(() => this.#open(), this.#delayMs);
    const timer = this.#timer;
    this.#delayMs = Math.min(this.#delayMs * 2, MOST_DELAY_MS);
    const why = await outage();
    // Another attempt has begun meanwhile, or the stream is closed.
    if (this.#timer === timer && this.#source === undefined) this.#events.onOutage(why);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#source?.close();
    this.#source = undefined;
  }
}

/** Asks the service whether it knows this session. */
async function outage(): Promise<Outage> {
  try {
    const { status } = await fetch('/api/session', { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) });
    return status === 401 ? 'ended' : 'lost';
  } catch {
    return 'lost';
  }
}
