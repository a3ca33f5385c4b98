/** What happened to the connections of a pool, as reported by the pool, by a proxy and by the server. */
import assert from 'node:assert/strict';
import { ask, withPool } from './choragus-client.mjs';
import { startCountingProxy } from './counting-proxy.mjs';

/** Checks that no connection of this pool has failed so far. */
export async function checkNoReconnecting(list, { changes, metrics }) {
  await list.check('no connection went to `reconnecting`', async () => {
    const lost = changes.filter(({ to }) => to === 'reconnecting');
    assert.deepEqual(
      lost.map(({ connection, reason }) => `${connection}: ${reason}`),
      [],
    );
    const { connects, requests, reuses, idleCloses } = metrics();
    return `requests ${requests}, connects ${connects}, reuses ${reuses}, idleCloses ${idleCloses}`;
  });
}

/**
 * Asks through a proxy that counts. `act` can continue with the same pool.
 *
 * @param urlOf the CI's URL for a port.
 * @param chat the method and path of a chat on this wire.
 * @param logged how many chats the server has logged so far.
 */
export async function checkRequestCount(list, { server, urlOf, chat, question, logged }, act = async () => {}) {
  const proxy = await startCountingProxy(server.port);
  const { seen } = proxy;
  try {
    await withPool(urlOf(proxy.port), async ({ pool, metrics }) => {
      await list.check('40 asks are 40 requests on the wire, and at most one probe', async () => {
        const before = await logged();
        for (let asked = 0; asked < 30; asked += 1) await ask(pool, question);
        await Promise.all(Array.from({ length: 10 }, () => ask(pool, question)));
        const { [chat]: chats, ...others } = seen.counts;
        const counts = { pool: metrics().requests, proxy: chats, server: (await logged()) - before };
        assert.deepEqual(counts, { pool: 40, proxy: 40, server: 40 });
        const probes = Object.values(others).reduce((sum, count) => sum + count, 0);
        assert.ok(probes <= 1, `${probes} other requests: ${JSON.stringify(others)}`);
        return `others ${JSON.stringify(others)}, ${seen.connections} sockets`;
      });
      await act(pool, seen);
    });
  } finally {
    proxy.close();
  }
}
