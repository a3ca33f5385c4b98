import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Shell } from './shell.mjs';
import { standIn, trust } from './stand-ins.mjs';

/** The surroundings of one command: a folder, files and CIs. `close` ends and removes all that the command was given. */
export class Scene {
  folder;
  #leave = [];

  constructor(folder) {
    this.folder = folder;
  }

  /** Starts a command line. */
  start(command, env) {
    const PATH = `${join(this.folder, 'node_modules/.bin')}:${process.env.PATH}`;
    const shell = new Shell(command, { cwd: this.folder, env: { ...trust, PATH, ...env } });
    this.#leave.push(() => shell.interrupt());
    return shell;
  }

  /** Runs a command line to its end, and returns its stdout. It must end with `code`. */
  run(command, code = 0) {
    return this.start(command).ended(code);
  }

  /** Writes a file into the folder. */
  write(name, text) {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    this.#leave.push(() => rmSync(path, { force: true }));
  }

  /** Starts a CI in place of the one at this address, and returns its own address. */
  async standIn(name, url = 'tcp://anywhere') {
    const ci = await standIn(name, url);
    this.#leave.push(() => ci.close());
    return ci.url;
  }

  /** Starts a CI for each `--ci name=url` of a command, and returns the command with their addresses. */
  async withStandIns(command) {
    let local = command;
    for (const [option, name, url] of command.matchAll(/--ci (\w+)=(\S+)/g)) {
      local = local.replace(option, `--ci ${name}=${await this.standIn(name, url)}`);
    }
    return local;
  }

  /** Starts these CIs, and writes them into the file that the command reads. */
  async configure(...names) {
    const cis = {};
    for (const name of names) cis[name] = await this.standIn(name);
    this.write('choragus.json', JSON.stringify({ cis }));
    return cis;
  }

  async close() {
    let fault;
    for (const leave of this.#leave.reverse()) {
      try {
        await leave();
      } catch (error) {
        fault ??= error;
      }
    }
    if (fault !== undefined) throw fault;
  }
}
