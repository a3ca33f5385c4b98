import { existsSync, readFileSync } from 'node:fs';

/** One file of the page. */
export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

const types: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'layout-worker.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
};

const files = new Map<string, PageFile | undefined>();

/** Returns a file of the page by its name; `undefined` for any other name. Reads each file once. */
export function pageFile(name: string): PageFile | undefined {
  if (!Object.hasOwn(types, name)) return undefined;
  if (!files.has(name)) files.set(name, read(name));
  return files.get(name);
}

function read(name: string): PageFile | undefined {
  // In `dist` the page is beside this code. Tests run the source, and use the built page in `dist`.
  const folder = ['../page/', '../../../dist/src/inspector/page/'].find((one) => existsSync(at(`${one}page.js`)));
  return folder === undefined ? undefined : { type: types[name] as string, body: readFileSync(at(folder + name)) };
}

function at(path: string): URL {
  return new URL(path, import.meta.url);
}
