/** Longest time for one check, unless the check names its own. */
const LIMIT_MS = 60_000;

/** Runs checks one by one and prints a line for each. A check fails if it throws, or does not end in time. */
export class CheckList {
  #passed = 0;
  #failed = 0;
  /** Figures by name, for the report. */
  figures = {};

  /** Prints a heading. */
  section(title) {
    console.log(`\n${title}`);
  }

  /** Runs one check. `act` returns the text to show, or nothing, and throws if the check fails. */
  async check(what, act, limitMs = LIMIT_MS) {
    const began = performance.now();
    try {
      const shown = await withinMs(limitMs, act());
      this.#passed += 1;
      console.log(`ok      ${what}${shown ? `: ${shown}` : ''} (${secondsSince(began)})`);
    } catch (error) {
      this.#failed += 1;
      console.log(`FAILED  ${what}: ${describe(error)} (${secondsSince(began)})`);
    }
  }

  /** Keeps a figure for the report, and returns it. */
  note(name, value) {
    this.figures[name] = value;
    return value;
  }

  /** Adds another list's counts to this one's. */
  add({ counts }) {
    this.#passed += counts.passed;
    this.#failed += counts.failed;
  }

  get counts() {
    return { passed: this.#passed, failed: this.#failed };
  }

  /** Prints the last line and sets the exit code. */
  finish() {
    console.log(`\n${this.#passed} passed, ${this.#failed} failed`);
    process.exitCode = this.#failed === 0 ? 0 : 1;
  }
}

/** Settles as `promise` does, or rejects once the time is over. */
export async function withinMs(ms, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no result within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function secondsSince(began) {
  return `${((performance.now() - began) / 1_000).toFixed(1)} s`;
}

/** Returns one line: an assertion's message has the difference below it. */
function describe(error) {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ').slice(0, 400);
}
