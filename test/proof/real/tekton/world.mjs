/** The three worlds: specialists, specialists behind the proxy, and `serveCi` in the specialists' place. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withinMs } from '../check-list.mjs';
import { startPeer } from '../start-peer.mjs';
import { startModelServer } from './model-server.mjs';
import { idOf, modelOf, NAMES } from './names.mjs';
import { accepts, choosePorts, untilAccepts } from './ports.mjs';
import { pythonEnv, pythonFile } from './python.mjs';

const SETTLE_MS = 1_500;
const RESTART_MS = 10_000;
const WARM_UP_MS = 60_000;

/** One world. `ports` are the ports for the clients, `ciPorts` those of the CIs. */
export class World {
  #cis = new Map();
  #front;
  /** How long the clients' port took to refuse connections after a CI died, and to accept them after it was up again; in ms. */
  figures = { refusesAfterMs: 0, acceptsAfterMs: 0 };

  /** Opens a world of a kind, `direct`, `proxy` or `serveCi`, with all CIs in `names` up; by default all six. */
  static async open(kind, label, { scratch, tekton, python, names = NAMES }) {
    const home = join(scratch, `home-${label}`);
    mkdirSync(home);
    const world = new World();
    const ports = byName(names, await choosePorts(names.length));
    const model = await startModelServer();
    Object.assign(world, { kind, label, names, scratch, tekton, python, home, ports, model });
    world.env = pythonEnv({ tekton, home, modelPort: model.port });
    world.ciPorts = kind === 'proxy' ? byName(names, await choosePorts(names.length)) : ports;
    world.descriptions = world.#register();
    await Promise.all(names.map((name) => world.#launch(name)));
    if (kind === 'proxy') await world.#launchProxy();
    await Promise.all(names.map((name) => warmUp(world.ciPorts[name])));
    return world;
  }

  /** Sends SIGKILL, and waits until the clients can see it. */
  async kill(name) {
    await this.#cis.get(name).kill('SIGKILL');
    this.#note('refusesAfterMs', await untilAccepts(this.ports[name], false, SETTLE_MS));
  }

  /** Starts a CI again on its port, and waits until its clients can connect. */
  async restart(name) {
    await this.#launch(name);
    const [ms] = await Promise.all([untilAccepts(this.ports[name], true, RESTART_MS), warmUp(this.ciPorts[name])]);
    this.#note('acceptsAfterMs', ms);
  }

  /** Makes the CI accept connections and answer nothing from now on. */
  freeze(name) {
    process.kill(this.#cis.get(name).pid, 'SIGSTOP');
  }

  thaw(name) {
    process.kill(this.#cis.get(name).pid, 'SIGCONT');
  }

  async close() {
    const peers = [...this.#cis.values(), ...(this.#front === undefined ? [] : [this.#front])];
    await Promise.all(peers.map((peer) => peer.kill('SIGKILL')));
    this.model.close();
  }

  #register() {
    const args = [pythonFile('register.py'), JSON.stringify(this.ports)];
    const env = { ...process.env, ...this.env };
    const { status, stdout, stderr } = spawnSync(this.python, args, { env, cwd: this.home, encoding: 'utf8' });
    if (status !== 0) throw new Error(`the registries cannot be written: ${stderr}`);
    return JSON.parse(stdout);
  }

  async #launch(name) {
    const port = this.ciPorts[name];
    const how = this.kind === 'serveCi' ? this.#serveCi(name, port) : this.#specialist(name, port);
    this.#cis.set(name, await startPeer({ name: `${this.label}-${name}`, isUp: () => accepts(port), ...how }));
  }

  #specialist(name, port) {
    const args = ['-m', 'shared.ai.generic_specialist', '--port', port, '--component', name, '--ai-id', idOf(name)];
    const env = { ...this.env, [`${name.toUpperCase()}_AI_MODEL`]: modelOf(name) };
    return { command: this.python, args: args.map(String), env, cwd: this.home };
  }

  #serveCi(name, port) {
    const options = { component: name, port, modelPort: this.model.port, model: modelOf(name) };
    return nodeProgram('serve-ci.mjs', { ...options, ...this.descriptions[name] });
  }

  async #launchProxy() {
    const cis = this.names.map((name) => [idOf(name), `tcp://127.0.0.1:${this.ciPorts[name]}`]);
    const listen = this.names.map((name) => [idOf(name), this.ports[name]]);
    const how = nodeProgram('serve-proxy.mjs', { cis: Object.fromEntries(cis), listen: Object.fromEntries(listen) });
    const isUp = () => Promise.all(Object.values(this.ports).map(accepts)).then((all) => all.every(Boolean));
    this.#front = await startPeer({ name: `${this.label}-proxy`, isUp, ...how });
  }

  #note(figure, ms) {
    this.figures[figure] = Math.max(this.figures[figure], ms);
  }
}

/** A specialist imports the modules for a chat at the first chat; that takes time. */
async function warmUp(port) {
  const socket = connect(port, '127.0.0.1');
  socket.write('{"type":"chat","content":"Awake?"}\n');
  await withinMs(WARM_UP_MS, once(socket, 'data')).finally(() => socket.destroy());
}

function nodeProgram(file, options) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return { command: process.execPath, args: [path, JSON.stringify(options)] };
}

function byName(names, values) {
  return Object.fromEntries(names.map((name, at) => [name, values[at]]));
}
