import { homedir } from 'node:os';
import { join } from 'node:path';

const isRoot = process.getuid?.() === 0;

/** The folder for downloads that later runs reuse. CHORAGUS_REAL_CACHE names another one. */
export const CACHE =
  process.env.CHORAGUS_REAL_CACHE ?? (isRoot ? '/var/cache/choragus-real' : join(homedir(), '.cache/choragus-real'));
