/** Compares the outcomes of several worlds, cell by cell. */
import { isDeepStrictEqual } from 'node:util';
import { NAMES } from './names.mjs';
import { scenarios } from './scenarios.mjs';

/**
 * @param base the world that is right by definition: the clients with the specialists.
 * @param others the worlds that must look the same.
 * @returns for each cell its name, the counts of each world, and for each other world the pairs of different outcomes.
 */
export function compareWorlds(base, others) {
  const names = new Set([base, ...others].flatMap(({ cells }) => Object.keys(cells)));
  return [...names].map((cell) => {
    const found = [base, ...others].map(({ label, cells }) => [label, countsOf(cells[cell])]);
    const differences = others.flatMap((other) => differenceOf(cell, base, other) ?? []);
    const crashes = [...crashesIn(cell, [base, ...others]), ...doubtsAbout(cell, base)];
    return { cell, counts: Object.fromEntries(found), differences, crashes };
  });
}

function countsOf(outcomes = []) {
  const ok = outcomes.filter((outcome) => outcome.ok).length;
  return { ok, failed: outcomes.length - ok };
}

function differenceOf(cell, base, other) {
  const isLoose = other.world.kind === 'serveCi';
  const [expected, found] = [base, other].map(({ world, cells }) =>
    (cells[cell] ?? []).map((outcome) => normalised(outcome, world, isLoose)),
  );
  const length = Math.max(expected.length, found.length);
  const all = Array.from({ length }, (_, at) => [expected[at], found[at]]);
  const pairs = all.filter(([one, another]) => !isDeepStrictEqual(one, another));
  return pairs.length === 0 ? undefined : { world: other.label, pairs, of: length };
}

/**
 * Leaves out differences by nature: ports, the time of a pong. A line counts by its bytes; if a CI prints JSON its own way, by its value.
 */
function normalised(outcome, { ports, ciPorts }, isLoose) {
  let text = JSON.stringify(outcome);
  for (const [at, name] of NAMES.entries()) {
    const either = `\\b(${ports[name]}|${ciPorts[name]})\\b`;
    text = text.replaceAll(new RegExp(either, 'g'), String(45_000 + at));
  }
  text = text.replaceAll(/(timestamp\\": ?)[\d.]+/g, (_, head) => `${head}0`);
  const plain = JSON.parse(text);
  return isLoose && plain.line !== undefined ? { ...plain, line: frameIn(plain.line) } : plain;
}

/** An error of `serveCi` names the CI, as documented; an error of a specialist does not. */
function frameIn(line) {
  try {
    const { ai_id: id, ...frame } = JSON.parse(line);
    return frame.type === 'error' ? frame : { ...frame, ai_id: id };
  } catch {
    return line;
  }
}

/** A program that ended with an exception of its own cannot be compared: the script has a fault. */
function crashesIn(cell, worlds) {
  return worlds.flatMap(({ label, cells }) => {
    const crashed = (cells[cell] ?? []).filter((outcome) => outcome.crashed);
    return crashed.map((outcome) => `${label}: ${outcome.crashed}`);
  });
}

/** Three worlds in which nothing works would be the same, too. */
function doubtsAbout(cell, { label, cells }) {
  const answers = scenarios.some((scenario) => scenario.answers && cell.endsWith(`: ${scenario.name}`));
  return answers && !cells[cell]?.some((outcome) => outcome.ok) ? [`${label}: nothing succeeds`] : [];
}
