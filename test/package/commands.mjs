/**
 * Runs the shell commands of the README and of the docs, and asserts what their reader would call success. Those of a user run in an empty
 * folder in which the packed package is installed; those of a contributor in the repository. Fails if the docs show a command
 * that is neither run nor listed as run elsewhere, and if one that is named here is no longer shown. Needs a build.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import * as checks from './commands/checks.mjs';
import { readCommands } from './commands/docs-commands.mjs';
import { makeProject } from './commands/project.mjs';
import { Scene } from './commands/scene.mjs';

/** Run in a project of a user. */
const ofUsers = [
  [/^npx choragus team .* --demo$/, checks.demoTeam],
  [/^npx choragus team "Ready\?" --json \| jq /, checks.failuresOfTeam],
  [/^npx choragus ask apollo ".*" --ci apollo=\S+$/, checks.ask],
  [/^git diff \| npx choragus ask athena - /, checks.askAboutDiff],
  [/^npx choragus stream muse ".*" --ci muse=\S+ --json \| jq /, checks.streamText],
  [/^npx choragus status --watch$/, checks.watchStatus],
  [/^(?:npx |node_modules\/\.bin\/)choragus proxy --ci /, checks.proxy],
  [/^npx choragus serve numa\.js /, checks.serve],
  [/^npx choragus inspect .*--allow-host /, checks.inspectUnderNames],
  [/^npx choragus serve --port 45012$/, checks.serveEcho],
  [/^node service\.js$/, checks.scrape],
  [/^prometheus --config\.file=prometheus\.yml$/, checks.prometheus],
  [/^promtool test rules /, checks.testAlerts],
  [/^printf '.*' \| nc /, checks.lineByHand],
  [/^npx esbuild service\.ts /, checks.bundle],
];

/** Run in the repository. */
const ofContributors = [
  [/^npm ci && npm start$/, checks.demo],
  [/^npm start -- --inspect$/, checks.demoWithInspector],
  [/^npm run build && npx tsc -p tsconfig\.examples\.json && node dist\/docs\/examples\/ask\.js$/, checks.runExample],
];

/** Not run here, and why. */
const elsewhere = [
  [/^npm install /, 'needs a registry: test/package/consumer.sh installs the packed package'],
  [/^npm cit$/, 'the first step of the build'],
  [/^npm run check$/, 'the build itself'],
  [/^npm run docs:api$/, 'renews files: the build runs docs:api:check'],
  [/^npm run bench:quick$/, 'a step of the build'],
  [/^npm run (?:proof|reliability)$/, 'takes an hour: the build runs the same proofs for a shorter time'],
  [/^npm run real:leaving -- --write$/, 'writes figures: run before a change of what they measure'],
  [/^npm run bench( -- scale)?$/, 'takes an hour, and writes figures: the build runs bench:quick'],
  [/^npm pack$/, 'a step of the build'],
  [/^bash test\/package\/consumer\.sh /, 'a step of the build'],
  [/^git diff --stat docs\/api$/, 'shows what a maintainer reads'],
  [/^npm version /, 'changes the version'],
  [/^git (?:commit|tag|push) /, 'changes the repository'],
  [/^npm publish /, 'publishes'],
];

const shown = readCommands();
const rows = [...ofUsers, ...ofContributors, ...elsewhere];
const faults = [
  ...shown
    .filter(({ command }) => !rows.some(([pattern]) => pattern.test(command)))
    .map(({ page, command }) => `${page} shows a command that test/package/commands.mjs does not know: ${command}`),
  ...rows
    .filter(([pattern]) => !shown.some(({ command }) => pattern.test(command)))
    .map(([pattern]) => `no page shows a command like ${pattern}, which test/package/commands.mjs names`),
];
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);

const commands = [...new Set(shown.map(({ command }) => command))];

/** Runs those of the commands that these rows name, one after the other, each in a scene of its own. Returns how many failed. */
async function runAll(table, folder) {
  let failed = 0;
  for (const command of commands) {
    const [, check] = table.find(([pattern]) => pattern.test(command)) ?? [];
    if (check === undefined) continue;
    const missing =
      ['jq', 'nc'].find((tool) => command.includes(`| ${tool} `) && !isInstalled(tool)) ??
      ['prometheus', 'promtool'].find((tool) => command.startsWith(`${tool} `) && !isInstalled(tool));
    if (missing !== undefined) {
      console.log(`skipped, ${missing} is not installed: ${command}`);
      continue;
    }
    const beganMs = performance.now();
    const scene = new Scene(folder);
    try {
      await check(command, scene).finally(() => scene.close());
      console.log(`${((performance.now() - beganMs) / 1_000).toFixed(1)} s  ${command}`);
    } catch (error) {
      failed += 1;
      console.error(`FAILED  ${command}\n`, error);
    }
  }
  return failed;
}

function isInstalled(tool) {
  try {
    execFileSync('which', [tool], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

// Whoever ends this process ends the commands with it.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const project = makeProject();
const failed = (await runAll(ofUsers, project)) + (await runAll(ofContributors, process.cwd()));
rmSync(project, { recursive: true, force: true });
process.exitCode = failed > 0 ? 1 : 0;
