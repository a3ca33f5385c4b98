import { firstLine } from './first-line.mjs';
import { spawnNode } from './spawn-node.mjs';
import { stopChild } from './stop-child.mjs';

const READY_MS = 10_000;

/** The servers of one round, each in a separate process that starts at its first use. */
export class ServerSet {
  #core;
  #children = [];
  #ready = new Map();

  constructor(core) {
    this.#core = core;
  }

  /** Returns a server's ready line, with its address. `absent` in it says what is missing here. */
  ready(name) {
    let ready = this.#ready.get(name);
    if (ready === undefined) {
      ready = this.#start(name);
      this.#ready.set(name, ready);
    }
    return ready;
  }

  async stop() {
    await Promise.all(this.#children.map(stopChild));
  }

  #start(name) {
    const child = spawnNode(`servers/${name}.mjs`, { core: this.#core });
    this.#children.push(child);
    return firstLine(child, READY_MS);
  }
}
