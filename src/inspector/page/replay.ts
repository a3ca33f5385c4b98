import { signal } from '@preact/signals';
import type { Recorded } from '../feed/records.js';
import type { Model } from './model.js';

/**
 * Reads a recording: one record per line.
 *
 * @throws Error with a message for the user.
 */
export function parseRecording(text: string): Recorded[] {
  const records: Recorded[] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    try {
      records.push(JSON.parse(line) as Recorded);
    } catch {
      // The last line can be incomplete: the file is still being written, or was cut.
      if (index < lines.length - 2) throw new Error(`line ${index + 1} is not JSON`);
    }
  }
  if (records[0]?.t !== 'hello')
    throw new Error('this is not a recording of Choragus: its first record must be "hello"');
  return records;
}

/** Returns the page's records as a recording. */
export function recordingOf(model: Model): string {
  const { hello, cis, histories } = model;
  if (hello === undefined) return '';
  const { csrf: _, ...greeting } = hello;
  const rows = [...cis.values()].map((row) => ({
    ...row,
    connections: row.connections.map((one) => ({ ...one, history: histories.get(one.connection) ?? [] })),
  }));
  const later: Recorded[] = [...model.transitions.items, ...model.summaries.items, ...model.traces.items];
  const records: Recorded[] = [
    greeting,
    { t: 'cis', at: hello.at, isFirst: true, rows, left: 0 },
    { t: 'ready', at: hello.at },
    ...model.actors.values(),
    ...later.sort((a, b) => a.at - b.at),
  ];
  return `${records.map((record) => JSON.stringify(record)).join('\n')}\n`;
}

/** Plays a recording, controlled by a slider. */
export class Replay {
  readonly #records: readonly Recorded[];
  readonly #model: Model;
  readonly from: number;
  readonly to: number;
  /** The position of the slider, in ms since the epoch. */
  readonly time = signal(0);
  readonly speed = signal(1);
  readonly isPlaying = signal(false);
  /** Number of records of the first whole state. It is always shown, whatever its time. */
  readonly #first: number;
  #applied = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(records: readonly Recorded[], model: Model) {
    this.#records = records;
    this.#model = model;
    this.#first = records.findIndex(({ t }) => t === 'ready') + 1;
    this.from = records[0]?.at ?? 0;
    this.to = records.reduce((latest, { at }) => Math.max(latest, at), this.from);
    this.seek(this.to);
  }

  /** Shows the state at a time. To go back, starts from the beginning, because records contain only changes. */
  seek(time: number): void {
    if (time < this.time.value || this.#applied === 0) {
      this.#model.clear();
      this.#applied = 0;
    }
    let end = Math.max(this.#applied, this.#first);
    while (end < this.#records.length && (this.#records[end] as Recorded).at <= time) end += 1;
    this.#model.apply(this.#records.slice(this.#applied, end));
    this.#applied = end;
    this.time.value = time;
  }

  play(): void {
    const stepMs = 100;
    if (this.time.value >= this.to) this.seek(this.from);
    this.isPlaying.value = true;
    this.#timer ??= setInterval(() => {
      this.seek(Math.min(this.time.value + stepMs * this.speed.value, this.to));
      if (this.time.value >= this.to) this.pause();
    }, stepMs);
  }

  pause(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.isPlaying.value = false;
  }
}
