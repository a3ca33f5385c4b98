import { packageVersion } from './package-version.mjs';

/** In the order of measuring and showing. */
export const contenderNames = [
  'limit',
  'choragus',
  'choragus-trusted',
  'choragus-inspect',
  'choragus-ws',
  'undici',
  'undici-pipelining',
  'ws',
  'ioredis',
  'nats',
  'grpc-js',
  'vscode-jsonrpc',
  'socket.io',
];

const INSTALL = 'npm ci --prefix test/bench';
const BUILD = 'npm run build';

/** Returns a contender with its `version`, or with `absent`: how to install it. */
export async function loadContender(name) {
  try {
    const { contender } = await import(`./contenders/${name}.mjs`);
    return { ...contender, version: contender.package && packageVersion(contender.package) };
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    return { name, rows: [], absent: name.startsWith('choragus') ? BUILD : INSTALL };
  }
}
