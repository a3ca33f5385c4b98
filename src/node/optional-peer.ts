import { ChoragusError } from '../errors/index.js';

/**
 * A package that a user installs for one feature alone, loaded when the feature is first used.
 *
 * `load` must be a literal `import('…')`: bundlers follow it, in CommonJS bundles, too, where `import.meta.url` is empty.
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

  /** The package, where it has been loaded before. */
  get module(): T | undefined {
    return this.#module;
  }

  /**
   * Loads the package.
   *
   * @param feature - What needs it, as the beginning of a sentence: `WebSocket`.
   * @throws ChoragusError `invalid_config` where it is not installed.
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

/** The package `ws`: for WebSocket. */
export const wsPackage = new OptionalPeer('ws', '8', () => import('ws'));

/** The package `undici`: for HTTP. */
export const undiciPackage = new OptionalPeer('undici', '7', () => import('undici'));
