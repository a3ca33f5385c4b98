/** The echo over HTTP/1.1, with keep-alive: a POST of the JSON object, answered by a JSON object. Needs no ids. */
import http from 'node:http';
import { announce } from './announce.mjs';
import { answersTo } from './answers.mjs';
import { batch } from './batch.mjs';
import { listen } from './listen.mjs';

const server = http.createServer((request, response) => {
  let body = '';
  request.setEncoding('latin1');
  request.on('data', (text) => {
    body += text;
  });
  request.on('end', () => {
    const answer = Buffer.from(answersTo(body)[0], 'latin1');
    // Pipelined requests that came together are answered together.
    batch(response.socket);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  });
});
// As in a service behind a long-lived client: no connection is closed while the benchmark is busy elsewhere.
server.keepAliveTimeout = 120_000;

announce({ port: await listen(server) });
