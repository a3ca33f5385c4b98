import type { Recorded } from '../feed/records.js';
import { Model } from './model.js';
import { recordingOf } from './recording-format.js';

/** Most records, and most characters of their text, that a tape keeps beside the state at its beginning. */
const MOST_RECORDS = 200_000;
const MOST_CHARACTERS = 64 * 1_048_576;

/** Some records that arrived together. */
interface Batch {
  readonly records: readonly Recorded[];
  readonly characters: number;
}

/**
 * Keeps what the page has received, for a recording: the state at the beginning, and all changes since. If there are too
 * many changes, the beginning moves: the oldest become part of its state.
 */
export class Tape {
  readonly #mostRecords: number;
  readonly #mostCharacters: number;
  #base = new Model();
  #batches: Batch[] = [];
  /** Batches before this index belong to the base already. */
  #start = 0;
  #records = 0;
  #characters = 0;

  constructor(mostRecords = MOST_RECORDS, mostCharacters = MOST_CHARACTERS) {
    this.#mostRecords = mostRecords;
    this.#mostCharacters = mostCharacters;
  }

  /** Adds records. `characters` is the length of their text. */
  add(records: readonly Recorded[], characters: number): void {
    const hello = records.find((record) => record.t === 'hello');
    const known = this.#base.hello?.instance;
    if (hello !== undefined && known !== undefined && hello.instance !== known) this.clear();
    // A recording starts with a whole state.
    if (!this.#base.isReady) return this.#base.apply(records);
    this.#batches.push({ records, characters });
    this.#records += records.length;
    this.#characters += characters;
    while (this.#records > this.#mostRecords || this.#characters > this.#mostCharacters) this.#roll();
  }

  clear(): void {
    this.#base = new Model();
    this.#batches = [];
    this.#start = 0;
    this.#records = 0;
    this.#characters = 0;
  }

  /** Returns the lines of the recording. */
  lines(): string[] {
    return recordingOf(
      this.#base,
      this.#batches.slice(this.#start).flatMap(({ records }) => records),
    );
  }

  /** Adds the oldest batch to the base. */
  #roll(): void {
    const { records, characters } = this.#batches[this.#start] as Batch;
    this.#base.apply(records);
    this.#records -= records.length;
    this.#characters -= characters;
    this.#start += 1;
    // Cutting the list at each step would copy it each time.
    if (this.#start * 2 < this.#batches.length) return;
    this.#batches = this.#batches.slice(this.#start);
    this.#start = 0;
  }
}
