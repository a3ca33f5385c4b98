/**
 * `npm run real:models`: model servers by others, in JavaScript, as separate processes, used with Choragus.
 * Its results are compared with those of the `openai` client, and with the records of the server itself.
 *
 *   node test/proof/real/models/run.mjs            # under 60 s; needs a build (npm run build) and npm ci --prefix test/proof/real
 *   node test/proof/real/models/run.mjs --write    # writes the figures into docs/real-peers.json
 */
import { CheckList } from '../check-list.mjs';
import { openAiVersion } from '../openai-client.mjs';
import { writeFigures } from '../write-figures.mjs';
import { checkAimock } from './aimock.mjs';
import { checkMockLlm } from './mock-llm.mjs';
import { versions } from './start-mocks.mjs';

const peers = {
  'mock-llm, OpenAI': { version: versions.mockLlm, run: checkMockLlm },
  'aimock, OpenAI': { version: versions.aimock, run: (list) => checkAimock(list, 'openai') },
  'aimock, Ollama': { version: versions.aimock, run: (list) => checkAimock(list, 'ollama') },
};

const all = new CheckList();
for (const [peer, { version, run }] of Object.entries(peers)) {
  const list = new CheckList();
  console.log(`\n== ${peer} ${version}`);
  await run(list);
  all.add(list);
  if (process.argv.includes('--write')) {
    writeFigures(peer, { version, openai: openAiVersion, checks: list.counts, figures: list.figures });
  }
}
all.finish();
