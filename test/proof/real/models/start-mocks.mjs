import { fileURLToPath } from 'node:url';
import { commandFile, packageVersion } from '../package-version.mjs';
import { freePort, startPeer } from '../start-peer.mjs';

const MOCK_LLM = '@dwmkerr/mock-llm';
const AIMOCK = '@copilotkit/aimock';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));

export const versions = { mockLlm: packageVersion(MOCK_LLM), aimock: packageVersion(AIMOCK) };

/** Starts mock-llm with its own command. Its log has a line for each request. */
export async function startMockLlm(port) {
  const at = port ?? (await freePort());
  const origin = `http://127.0.0.1:${at}`;
  const args = [commandFile(MOCK_LLM, 'mock-llm'), '--config', file('mock-llm.yaml')];
  const env = { HOST: '127.0.0.1', PORT: String(at) };
  const peer = await startPeer({
    name: 'mock-llm',
    command: process.execPath,
    args,
    env,
    healthUrl: `${origin}/health`,
  });
  return { ...peer, port: at, origin };
}

/** Starts aimock with its own command. `journal` returns its records of the requests since the last reset. */
export async function startAimock(port) {
  const at = port ?? (await freePort());
  const origin = `http://127.0.0.1:${at}`;
  const options = ['-p', String(at), '-h', '127.0.0.1', '-f', file('aimock.fixtures.json'), '--journal-max', '0'];
  const args = [commandFile(AIMOCK, 'llmock'), ...options, '--log-level', 'warn'];
  const peer = await startPeer({ name: 'aimock', command: process.execPath, args, healthUrl: `${origin}/health` });
  return { ...peer, port: at, origin, journal: () => getJson(`${origin}/__aimock/journal`) };
}

async function getJson(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}
