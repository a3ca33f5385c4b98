import { signal } from '@preact/signals';
import type { Recorded } from '../feed/records.js';
import type { Model } from './model.js';
import { partOf } from './recording-format.js';

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
  /** The bounds of the part to save; by default the whole recording. */
  readonly range = signal<{ readonly from: number; readonly to: number }>({ from: 0, to: 0 });
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
    this.range.value = { from: this.from, to: this.to };
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

  /** Marks the slider's time as a bound of the part to save. */
  mark(bound: 'from' | 'to'): void {
    const { value } = this.range;
    const from = bound === 'from' ? this.time.value : value.from;
    const to = bound === 'to' ? this.time.value : value.to;
    this.range.value = from <= to ? { from, to } : { from: to, to: from };
  }

  /** Returns the lines of a recording of the marked part. */
  part(): string[] {
    return partOf(this.#records, this.range.value.from, this.range.value.to);
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
