/**
 * Scrapes each second as Prometheus does, in a separate process: `node scraper.mjs URL`. Prints one line of JSON after the first scrape,
 * with the length of the text.
 */
import http from 'node:http';
import { createGunzip } from 'node:zlib';
import { exitWithParent } from '../exit-with-parent.mjs';

const [url] = process.argv.slice(2);
const headers = {
  accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5',
  'accept-encoding': 'gzip',
};
const agent = new http.Agent({ keepAlive: true });
let isFirst = true;

exitWithParent();
scrape();
setInterval(scrape, 1_000);

function scrape() {
  http.get(url, { headers, agent }, (response) => {
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
    let bytes = 0;
    response
      .pipe(createGunzip())
      .on('data', (part) => {
        bytes += part.length;
      })
      .on('end', () => {
        if (isFirst) console.log(JSON.stringify({ bytes }));
        isFirst = false;
      });
  });
}
