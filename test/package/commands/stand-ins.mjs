import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { serveCi } from 'choragus';

const certificates = 'test/support/certificates';

/** Makes Node trust the certificate of a stand-in. */
export const trust = { NODE_EXTRA_CA_CERTS: `${process.cwd()}/${certificates}/ca.pem` };

/** Returns the port if nobody listens there, and any free one otherwise. */
export async function freePort(wanted = 0) {
  for (const port of [wanted, 0]) {
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    const { port: free } = server.address();
    server.close();
    await once(server, 'close');
    return free;
  }
}

/**
 * Starts a CI on this machine in place of one that only the reader has, over the same wire. On `localhost` it listens on the URL's port if that is free.
 * It answers `You asked NAME: MESSAGE`.
 */
export async function standIn(name, url) {
  const { protocol, hostname, port } = new URL(url);
  if (protocol === 'ollama:') return standInOllama(name);
  const listen = { port: await freePort(hostname === 'localhost' ? Number(port) : 0) };
  if (protocol === 'ws:') listen.webSocket = true;
  if (protocol === 'tls:') listen.tls = { cert: read('server.pem'), key: read('server.key.pem') };
  const ci = await serveCi({ id: name, handler: ({ content }) => `You asked ${name}: ${content}`, listen });
  return { url: ci.url, close: () => ci.close() };
}

function read(certificate) {
  return readFileSync(`${certificates}/${certificate}`, 'utf8');
}

/** A stand-in for Ollama: it answers in two pieces. */
async function standInOllama(name) {
  const server = createHttpServer(async (request, response) => {
    if (request.method !== 'POST') return response.end('{"version":"0.0.0"}');
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    const { content } = body.messages.at(-1);
    for (const piece of [`You asked ${name}: `, content]) {
      response.write(
        `${JSON.stringify({ model: body.model, message: { role: 'assistant', content: piece }, done: false })}\n`,
      );
    }
    response.end(
      `${JSON.stringify({ model: body.model, message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop' })}\n`,
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `ollama://127.0.0.1:${server.address().port}/llama3.2`, close };
}
