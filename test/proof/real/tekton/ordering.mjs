/**
 * Checks whether each answer belongs to its question, on a wire without ids: a pool asks one of Tekton's specialists 10,000 times over
 * 4 connections. Every question is unique, and its answer repeats it. Callers cancel some questions; others have a deadline that is too
 * short, so that the answer comes late.
 *
 *   node test/proof/real/tekton/ordering.mjs                     # about 2 min; needs the same as run.mjs, which runs it, too
 *   node test/proof/real/tekton/ordering.mjs --questions 500     # fewer
 *   node test/proof/real/tekton/ordering.mjs --seed 7            # other questions are cancelled, at other times
 *   node test/proof/real/tekton/ordering.mjs --write             # writes the figures into docs/real-peers.json and docs/real-peers.md
 *
 * `--require` and TEKTON_REPO are those of run.mjs. Exits with 1 if a check fails.
 */
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../../../bench/spread.mjs';
import { CheckList } from '../check-list.mjs';
import { createPool } from '../library.mjs';
import { writeFigures } from '../write-figures.mjs';
import { COMMIT } from './checkout.mjs';
import { modelOf } from './names.mjs';
import { prepare } from './prepare.mjs';
import { World } from './world.mjs';

const CI = 'apollo';
const CONNECTIONS = 4;
/**
 * Callers at once, in the first half and in the second. With fewer callers than connections none waits, and a connection can wait for
 * a late answer. With more callers some questions are cancelled before they are written.
 */
const CALLERS = [3, 8];
const LIMIT_MS = 400_000;
/** Specialists continue with abandoned questions; the slowest takes 1.5 s. */
const QUIET_MS = 2_000;
const ANSWERED_BAR = 0.999;
/** The minimum number of questions abandoned after they reached the specialist: with fewer of them the run proves little. */
const LATE_BAR = 0.02;

/** The kinds of question, and their shares. `plan` chooses how long the model takes, and when the caller cancels. */
const kinds = {
  'not disturbed': { share: 0.8, plan: (draw) => ({ slowMs: draw(4) === 0 ? draw(20) : 0 }) },
  unsubscribed: { share: 0.05, plan: (draw) => ({ slowMs: draw(20), unsubscribeMs: draw(40) }) },
  'signal aborted': { share: 0.05, plan: (draw) => ({ slowMs: draw(20), abortMs: draw(40) }) },
  'short deadline': { share: 0.05, plan: (draw) => ({ slowMs: draw(20), deadlineMs: 1 + draw(40) }) },
  // The answer comes within `lateReplyGraceMs` (1 s), or after it.
  'answer late': { share: 0.048, plan: (draw) => ({ slowMs: 80 + draw(40), deadlineMs: 20 + draw(40) }) },
  'answer far too late': { share: 0.002, plan: (draw) => ({ slowMs: 1_500, deadlineMs: 20 + draw(40) }) },
};

/**
 * Runs the checks and prints them.
 *
 * @param prepared what `prepare` returned.
 * @returns the number of passed and of failed checks.
 */
export async function checkOrdering({ options, version }, { questions = 10_000, seed = 1 } = {}) {
  const list = new CheckList();
  list.section(`${questions.toLocaleString('en-US')} questions to a specialist over ${CONNECTIONS} connections`);
  const world = await World.open('direct', 'ordering', { ...options, names: [CI] });
  const url = `tcp://127.0.0.1:${world.ports[CI]}`;
  const pool = createPool({ cis: { [CI]: { url, maxConnections: CONNECTIONS } }, logger: false });
  world.model.takeQuestions();
  try {
    let asked = [];
    await list.check(
      'all questions end',
      async () => {
        const began = performance.now();
        asked = await askAll(pool, plansOf(questions, seed));
        const seconds = (performance.now() - began) / 1_000;
        list.note('seconds', Math.round(seconds));
        return `${Math.round(questions / seconds)} a second`;
      },
      LIMIT_MS,
    );
    await world.model.untilQuiet(QUIET_MS);
    await checkOutcomes(list, asked, world.model.takeQuestions());
    await checkPool(list, pool.snapshot().cis[CI]);
    list.note('results of the requests', tableOf(asked));
    console.table(list.figures['results of the requests']);
  } finally {
    await pool.close({ drainTimeoutMs: 0 });
    await world.close();
  }
  if (process.argv.includes('--write')) {
    const { counts: checks, figures } = list;
    writeFigures('Tekton, ordering', { version: COMMIT.slice(0, 8), python: version, checks, figures });
  }
  return list.counts;
}

/** Asks all of them, some at a time, and records the result of each. */
async function askAll(pool, plans) {
  const half = Math.ceil(plans.length / 2);
  for (const [index, callers] of CALLERS.entries()) {
    const left = plans.slice(index * half, (index + 1) * half).values();
    const caller = async () => {
      for (const plan of left) Object.assign(plan, await askOnce(pool, plan));
    };
    await Promise.all(Array.from({ length: callers }, caller));
  }
  return plans;
}

/** Settles when the question is answered, fails, or is unsubscribed. */
function askOnce(pool, { text, deadlineMs, unsubscribeMs, abortMs }) {
  const began = performance.now();
  const abort = new AbortController();
  return new Promise((resolve) => {
    let timer;
    const finish = (outcome, details) => {
      clearTimeout(timer);
      resolve({ outcome, ms: performance.now() - began, ...details });
    };
    const asked = pool.ask(CI, text, { deadlineMs, signal: abort.signal }).subscribe({
      next: ({ content }) => finish(content === answerTo(text) ? 'answered' : 'wrong', { content }),
      error: (error) => finish(error.code ?? 'crashed', { error: String(error) }),
    });
    if (abortMs !== undefined) timer = setTimeout(() => abort.abort(), abortMs);
    if (unsubscribeMs === undefined) return;
    timer = setTimeout(() => {
      asked.unsubscribe();
      finish('unsubscribed');
    }, unsubscribeMs);
  });
}

/** The answer of model-server.mjs. */
const answerTo = (text) => `${modelOf(CI)} heard: ${text}`;

async function checkOutcomes(list, asked, atModel) {
  await list.check('no answer is that of another question', () => {
    const wrong = asked.filter(({ outcome }) => outcome === 'wrong');
    list.note('wrong answers', wrong.length);
    const [{ text, content } = {}] = wrong;
    assert.equal(wrong.length, 0, `${wrong.length} are: asked "${text}", got "${content}"`);
  });
  await list.check(`of the requests that were not disturbed, ${ANSWERED_BAR * 100} % are answered`, () => {
    const alone = asked.filter(({ kind }) => kind === 'not disturbed');
    const failed = alone.filter(({ outcome }) => outcome !== 'answered');
    const share = (alone.length - failed.length) / alone.length;
    const shown = `${alone.length - failed.length} of ${alone.length}`;
    list.note('answered of those not disturbed', `${shown} (${(share * 100).toFixed(2)} %)`);
    const answered = alone.filter(({ outcome }) => outcome === 'answered');
    const p50Ms = list.note('their median time, ms', Number(median(answered.map(({ ms }) => ms))?.toFixed(1)));
    assert.ok(share >= ANSWERED_BAR, `${shown} are, one fails with ${failed[0]?.error ?? failed[0]?.outcome}`);
    return `${shown}, p50 ${p50Ms} ms`;
  });
  const times = countsOf(atModel.map((question) => question.slice(question.indexOf(': ') + 2)));
  for (const plan of asked) plan.times = times.get(plan.text) ?? 0;
  await list.check('no question reaches the specialist twice', () => {
    const twice = asked.filter((plan) => plan.times > 1);
    list.note('requests that it received twice', twice.length);
    assert.equal(twice.length, 0, `${twice.length} do, one of them "${twice[0]?.text}"`);
  });
  await list.check('each question that was answered reached the specialist', () => {
    const never = asked.filter(({ outcome, times }) => outcome === 'answered' && times === 0);
    assert.equal(never.length, 0, `${never.length} did not, one of them "${never[0]?.text}"`);
  });
  await list.check(`${LATE_BAR * 100} % or more are given up after they reached the specialist`, () => {
    const late = asked.filter(({ outcome, times }) => outcome !== 'answered' && times > 0).length;
    list.note('abandoned after it received them', late);
    assert.ok(late >= asked.length * LATE_BAR, `${late} are`);
    return String(late);
  });
}

async function checkPool(list, { ordering, metrics }) {
  for (const name of ['connects', 'lateReplies', 'orderViolations']) list.note(name, metrics[name] ?? 'not counted');
  await list.check('the pool has proved the order', () => {
    list.note('ordering', String(ordering));
    assert.equal(ordering, 'proved');
  });
  const { connects, lateReplies, orderViolations } = list.figures;
  console.log(`        connects ${connects}, late replies ${lateReplies}, order violations ${orderViolations}`);
}

/** A row for each kind of question: how many were asked, how many reached the specialist, and how they ended. */
function tableOf(asked) {
  const rows = Object.keys(kinds).map((kind) => {
    const own = asked.filter((plan) => plan.kind === kind);
    const reached = own.filter(({ times }) => times > 0).length;
    return [kind, { asked: own.length, received: reached, ...Object.fromEntries(countsOf(own.map(outcomeOf))) }];
  });
  return Object.fromEntries(rows);
}

const outcomeOf = ({ outcome }) => outcome;

function countsOf(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** The questions, the same for the same seed. */
function plansOf(count, seed) {
  const draw = drawing(seed);
  return Array.from({ length: count }, (_, index) => {
    const kind = kindAt(draw(1_000) / 1_000);
    const { slowMs, ...how } = kinds[kind].plan(draw);
    return { kind, text: `${slowMs > 0 ? `[[slow=${slowMs}]] ` : ''}question ${index + 1}?`, ...how };
  });
}

function kindAt(part) {
  let sum = 0;
  const [found = 'not disturbed'] = Object.keys(kinds).filter((kind) => {
    const from = sum;
    sum += kinds[kind].share;
    return part >= from && part < sum;
  });
  return found;
}

/** Returns whole numbers from 0 up to `below`, by mulberry32. */
function drawing(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

async function main() {
  const { values } = parseArgs({
    options: {
      questions: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      require: { type: 'boolean' },
      write: { type: 'boolean' },
    },
  });
  const prepared = prepare();
  console.log(`Tekton ${COMMIT.slice(0, 8)}, Python ${prepared.version}`);
  const { passed, failed } = await checkOrdering(prepared, {
    questions: Number(values.questions),
    seed: Number(values.seed),
  });
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
