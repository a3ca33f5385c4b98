import { firstValueFrom, type Subscription } from 'rxjs';
import { expect, test, vi } from 'vitest';
import { createPool, type Pool } from '../../../src/index.js';
import { dialects, pieceOf } from '../../support/model-dialects.js';
import { ModelServer } from '../../support/model-server.js';
import { useChannels } from '../../support/record-channels.js';
import { useStage } from '../../support/stage.js';

const stage = useStage();
const channels = useChannels();

/** Unsubscribes a request while it is handed to its wire, several times, and asks again each time. */
async function leaveInWritten(pool: Pool): Promise<void> {
  let request: Subscription | undefined;
  const leave = vi.fn(() => request?.unsubscribe());
  for (let time = 1; time <= 5; time += 1) {
    const off = channels.on('choragus:request:written', leave);
    request = pool.ask('apollo', 'left').subscribe();
    await vi.waitFor(() => expect(pool.snapshot().totals.metrics.cancelled).toBe(time));
    off();
    request = undefined;
    const { content } = await firstValueFrom(pool.ask('apollo', `again ${time}`, { deadlineMs: 5_000 }));
    expect(content).toBe(`again ${time}`);
  }
  expect(leave).toHaveBeenCalledTimes(5);
  const { succeeded, cancelled, failed } = pool.snapshot().totals.metrics;
  expect([succeeded, cancelled, failed]).toEqual([5, 5, {}]);
}

test.each([
  ['TCP', {}],
  ['WebSocket', { webSocket: true }],
])('over %s: the request ends once, and the next one gets its own answer', async (_name, listen) => {
  const ci = await stage.serve({ id: 'apollo', handler: ({ content }) => content, listen });
  await leaveInWritten(stage.pool({ cis: { apollo: ci.url } }));
});

test.each(['ollama', 'openai'] as const)('over HTTP (%s), too', async (name) => {
  await using server = await ModelServer.listen();
  const dialect = dialects[name];
  server.onChat = (chat) => {
    const { messages } = chat.body as { readonly messages: readonly { readonly content: string }[] };
    void chat.send(pieceOf(dialect, messages.at(-1)?.content ?? ''), dialect.end).then(() => chat.response.end());
  };
  await using pool = createPool({ logger: false, cis: { apollo: dialect.url(server.port) } });
  await leaveInWritten(pool);
});
