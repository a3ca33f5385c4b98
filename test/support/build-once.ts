import { execFileSync } from 'node:child_process';

/** Builds `dist/` before any test runs: some tests start programs of their own, and those need JavaScript. */
export default function buildOnce(): void {
  execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
  execFileSync(process.execPath, ['src/inspector/page/build.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
}
