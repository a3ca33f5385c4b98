import { existsSync, readFileSync } from 'node:fs';

/** One file of the page, as it is served. */
export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

const types: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
};

const files = new Map<string, PageFile | undefined>();

/** A file of the page by its name; `undefined` for any other name. Read once: there are three. */
export function pageFile(name: string): PageFile | undefined {
  if (!Object.hasOwn(types, name)) return undefined;
  if (!files.has(name)) files.set(name, read(name));
  return files.get(name);
}

function read(name: string): PageFile | undefined {
  // Beside the compiled code; tests run the source, beside which its parts lie, and find what was built.
  const place = ['../page/', '../../../dist/src/inspector/page/'].find((one) => existsSync(at(`${one}page.js`)));
  return place === undefined ? undefined : { type: types[name] as string, body: readFileSync(at(place + name)) };
}

function at(path: string): URL {
  return new URL(path, import.meta.url);
}
