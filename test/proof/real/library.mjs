/** The built library. CHORAGUS_DIST names the folder of a build other than `dist/`. */
import { pathToFileURL } from 'node:url';

const here = new URL('../../../dist/', import.meta.url);
const dist = process.env.CHORAGUS_DIST ? pathToFileURL(`${process.env.CHORAGUS_DIST}/`) : here;

export const { createPool, serveCi, serveProxy } = await import(new URL('src/index.js', dist).href);
