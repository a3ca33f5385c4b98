import { existsSync } from 'node:fs';

const installed = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

/**
 * The path of Debian's Chromium, or of the one in the variable CHROMIUM; `undefined` if none is installed. The headless shell comes
 * first: it has the same engine without the windows around a page, and a page takes a quarter of the time.
 *
 * @type {string | undefined}
 */
export const chromiumPath = [process.env.CHROMIUM, ...installed].find((path) => path !== undefined && existsSync(path));
