import { withinMs } from '../check-list.mjs';
import { commands } from './commands.mjs';
import { startDriver } from './driver.mjs';
import { rawPrograms } from './raw-lines.mjs';
import { scenarios } from './scenarios.mjs';

const SCENARIO_LIMIT_MS = 110_000;
const BACKGROUND_LIMIT_MS = 110_000;

/** Processes that run programs. The programs of one share Tekton's pool, which exists once for each process. */
const drivers = {
  clients: {
    module: 'clients',
    programs: ['socket client', 'socket client, stream', 'socket client, ping', 'socket client, persistent connection'],
  },
  pools: { module: 'pools', programs: ['pool', 'pool, team'] },
  'checked-pools': { module: 'pools', programs: ['pool, health checks'] },
  monitors: {
    module: 'monitors',
    programs: ['health monitor', 'health monitor, loop', 'unified registry', 'registry client', 'discovery service'],
  },
};

/** Runs all scenarios in a world, and writes the outcomes to `cells`, by `PROGRAM: SCENARIO`. */
export async function runWorld(world, cells) {
  const starting = Object.entries(drivers).map(async ([name, { module }]) => [
    name,
    await startDriver(world, name, module),
  ]);
  const running = await Promise.all(starting);
  const run = runnerOf(world, Object.fromEntries(running));
  const background = {};
  const began = performance.now();
  const keep = (scenario, outcomes) => {
    for (const [program, outcome] of Object.entries(outcomes)) cells[`${program}: ${scenario}`] = outcome;
  };
  try {
    for (const scenario of scenarios) {
      const { name, asksTheSame = false } = scenario;
      if (background[name]) keep(...(await withinMs(BACKGROUND_LIMIT_MS, background[name])));
      world.model.takeQuestions();
      if (scenario.background) background[scenario.until] = run(scenario.background).then((found) => [name, found]);
      keep(name, await withinMs(SCENARIO_LIMIT_MS, play(scenario, world, run)));
      const asked = Object.entries(countEach(world.model.takeQuestions().filter(isOurs)));
      const outcomes = asked.map(([question, times]) => ({ ok: true, question, times }));
      if (asksTheSame) keep(name, { 'questions that reached the models': outcomes });
      console.log(`${world.label}: ${name}: done after ${Math.round((performance.now() - began) / 1_000)} s`);
    }
  } catch (error) {
    // The later scenarios are not played.
    keep(`after "${Object.keys(cells).at(-1)}"`, { script: [{ ok: false, crashed: error.message }] });
  } finally {
    for (const [, driver] of running) driver.stop();
  }
}

/** `ai-discover` pings all CIs every 30 s, in the background of a scenario. */
const isOurs = (question) => !question.endsWith(': ping');

function countEach(texts) {
  const counts = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}

async function play({ act, stages: [first, ...others], during }, world, run) {
  await act?.(world);
  const [found] = await Promise.all([run(first), during?.(world)]);
  const all = [found];
  for (const tasks of others) all.push(await run(tasks));
  return Object.assign({}, ...all);
}

/** Returns a function that runs programs side by side, each with its task. */
function runnerOf(world, started) {
  return async (tasks) => {
    const own = { ...commands, ...rawPrograms };
    const ofDriver = (name) => Object.entries(tasks).filter(([program]) => drivers[name].programs.includes(program));
    const found = await Promise.all([
      ...Object.keys(drivers).map((name) => started[name].run(Object.fromEntries(ofDriver(name)))),
      ...Object.keys(tasks)
        .filter((program) => own[program])
        .map(async (program) => ({ [program]: await own[program](world, tasks[program]) })),
    ]);
    return Object.assign({}, ...found);
  };
}
