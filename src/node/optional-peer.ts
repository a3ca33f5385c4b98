import { ChoragusError } from '../errors/index.js';

/**
 * A package that users install only for one feature. It is loaded when the feature is first used.
 *
 * `load` must be a literal `import('…')`, so that bundlers find it, also in CommonJS bundles, where `import.meta.url` is empty.
 */
class OptionalPeer<T> {
  readonly #name: string;
  readonly #range: string;
  readonly #load: () => Promise<T>;
  #module: T | undefined;

  constructor(name: string, range: string, load: () => Promise<T>) {
    this.#name = name;
    this.#range = range;
    this.#load = load;
  }

  /** The package; `undefined` if it is not loaded yet. */
  get module(): T | undefined {
    return this.#module;
  }

  /**
   * Loads the package.
   *
   * @param feature - The feature that needs it, as the beginning of a sentence: `WebSocket`.
   * @throws ChoragusError `invalid_config` if it is not installed.
   */
  async load(feature: string): Promise<T> {
    try {
      this.#module ??= await this.#load();
      return this.#module;
    } catch (cause) {
      const message = `${feature} needs the package "${this.#name}": npm install ${this.#name}@${this.#range}`;
      throw new ChoragusError('invalid_config', message, { delivery: 'not_sent', cause });
    }
  }
}

/** The package `ws`, for WebSocket. */
export const wsPackage = new OptionalPeer('ws', '8', () => import('ws'));

/** The package `undici`, for HTTP. */
export const undiciPackage = new OptionalPeer('undici', '7', () => import('undici'));
