import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { packageVersion } from '../../../src/node/package-version.js';
import { root } from '../../support/source-files.js';

test('the version of the package is that of package.json', () => {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { readonly version: string };
  expect(packageVersion()).toBe(version);
});
