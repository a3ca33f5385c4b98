import { type Histogram, HistogramCopy } from '../../../observe/histogram.js';
import type { Window, WindowName } from '../records.js';
import { TimeSum } from './slot.js';
import { Slots } from './slots.js';

/** The windows of one CI or of the pool. */
export type Windows = Readonly<Record<WindowName, Window>>;

/** Counters since the start. */
export interface Counters {
  readonly succeeded: number;
  readonly failed: number;
  /** The service times of those that succeeded. */
  readonly service: Histogram;
}

/** If only the covered time differs, by less than this share, the former windows stay: a row need not be sent again. */
const SAME_SECONDS = 0.1;

/** Takes the growth of a histogram. */
const growth = new TimeSum();

/** The windows of counters that only grow. Reads them at each sample, so that counting itself costs nothing more. */
export class Series {
  readonly #slots: Slots;
  readonly #copy = new HistogramCopy();
  #succeeded = 0;
  #failed = 0;
  #windows: Windows | undefined;
  /** The time of the sample that `#windows` describe. */
  #windowsMs = Number.NaN;

  /** @param startMs - Since when it counts. @param before - What had been counted by then. Default: nothing. */
  constructor(startMs: number, before?: Counters) {
    this.#slots = new Slots(startMs);
    if (before === undefined) return;
    this.#succeeded = before.succeeded;
    this.#failed = before.failed;
    before.service.takeGrowth(this.#copy, () => {});
  }

  /** Takes a sample. */
  sample(nowMs: number, { succeeded, failed, service }: Counters): void {
    if (succeeded === this.#succeeded && failed === this.#failed) return this.#slots.pass(nowMs);
    growth.clear();
    if (succeeded !== this.#succeeded) service.takeGrowth(this.#copy, growth.add);
    this.#slots.add(nowMs, {
      succeeded: succeeded - this.#succeeded,
      failed: failed - this.#failed,
      times: growth.packed(),
    });
    this.#succeeded = succeeded;
    this.#failed = failed;
  }

  /**
   * Returns the windows until the last sample; `undefined` if no request has ended within the last hour. Returns the same object
   * until they differ.
   */
  windows(): Windows | undefined {
    if (this.#windowsMs === this.#slots.untilMs) return this.#windows;
    this.#windowsMs = this.#slots.untilMs;
    const windows = this.#slots.windows();
    if (!isSame(windows, this.#windows)) this.#windows = windows;
    return this.#windows;
  }
}

function isSame(one: Windows | undefined, other: Windows | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  for (const key in one) {
    const name = key as WindowName;
    const { seconds, ...counts } = one[name];
    const former = other[name];
    if (Math.abs(seconds - former.seconds) > seconds * SAME_SECONDS) return false;
    for (const field in counts) {
      if (counts[field as keyof typeof counts] !== former[field as keyof Window]) return false;
    }
  }
  return true;
}
