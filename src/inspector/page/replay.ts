import { signal } from '@preact/signals';
import type { Recorded } from '../feed/records.js';
import type { Model } from './model.js';

/**
 * Reads a recording: a record a line.
 *
 * @throws Error with a message for whoever opened the file.
 */
export function parseRecording(text: string): Recorded[] {
  const records: Recorded[] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    try {
      records.push(JSON.parse(line) as Recorded);
    } catch {
      // The last line of a file that is still being written, or was cut.
      if (index < lines.length - 2) throw new Error(`line ${index + 1} is not JSON`);
    }
  }
  if (records[0]?.t !== 'hello') throw new Error('this is no recording of Choragus: it does not begin with "hello"');
  return records;
}

/** What the page holds, as a recording that it can open again. */
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

/** A recording under the control of a slider. */
export class Replay {
  readonly #records: readonly Recorded[];
  readonly #model: Model;
  readonly from: number;
  readonly to: number;
  /** Where the slider is, in ms since the epoch. */
  readonly time = signal(0);
  readonly speed = signal(1);
  readonly isPlaying = signal(false);
  /** How many records the first state has; it is there from the beginning, whenever it was written. */
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

  /** Shows all that had happened by then. Backwards means from the beginning: records tell only what changes. */
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
