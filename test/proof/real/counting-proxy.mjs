import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Forwards bytes to `port` and counts the connections and the HTTP requests that pass. */
export async function startCountingProxy(port) {
  const seen = { counts: {}, connections: 0, closedByClient: 0 };
  const sockets = new Set();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const peer = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    seen.connections += 1;
    countRequests(client, seen.counts);
    noteWhoCloses(client, peer, seen);
    for (const socket of [client, peer]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {
        client.destroy();
        peer.destroy();
      });
    }
    client.pipe(peer);
    peer.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  /** `seen.counts` has the requests by `METHOD /path`; `closedByClient` the connections that the client closed first. */
  return { port: server.address().port, seen, close };
}

/** A request's head comes in one piece: heads are small, and a client writes each at once. */
function countRequests(client, counts) {
  client.on('data', (bytes) => {
    const [, request] = /^([A-Z]+ \S+) HTTP\/1\.1\r\n/.exec(bytes.subarray(0, 1_024).toString('latin1')) ?? [];
    if (request !== undefined) counts[request] = (counts[request] ?? 0) + 1;
  });
}

function noteWhoCloses(client, peer, seen) {
  let isClosing = false;
  const closing = (isClient) => {
    if (!isClosing && isClient) seen.closedByClient += 1;
    isClosing = true;
  };
  for (const event of ['end', 'error', 'close']) {
    client.on(event, () => closing(true));
    peer.on(event, () => closing(false));
  }
}
