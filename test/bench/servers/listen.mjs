import { once } from 'node:events';

/** Room for a thousand connections that are made at once. */
const BACKLOG = 2_048;

/** Lets a server listen on a free port of the loopback, and returns the port. */
export async function listen(server) {
  server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG });
  await once(server, 'listening');
  return server.address().port;
}
