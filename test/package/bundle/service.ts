import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CiOptions, createPool, serveCi } from 'choragus';
import { firstValueFrom } from 'rxjs';

/** Sends requests over TCP, WebSocket and HTTP, and prints the results: bundled to CommonJS, it must work as it does unbundled. */
async function main(): Promise<void> {
  const apollo = await serveCi({ id: 'apollo', handler: ({ content }) => `tcp: ${content}` });
  const athena = await serveCi({
    id: 'athena',
    handler: ({ content }) => `ws: ${content}`,
    listen: { webSocket: true },
  });
  const model = http.createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.method !== 'POST') return response.end('{}');
    return response.end(
      '{"choices":[{"index":0,"message":{"role":"assistant","content":"http: hello"},"finish_reason":"stop"}]}',
    );
  });
  await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve));
  const { port } = model.address() as AddressInfo;
  const cis: Record<string, string | CiOptions> = {
    apollo: apollo.url,
    athena: athena.url,
    muse: `openai+http://127.0.0.1:${port}/model`,
  };
  const pool = createPool({ cis, logger: false });
  for (const ci of Object.keys(cis)) console.log((await firstValueFrom(pool.ask(ci, 'hello'))).content);
  await pool.close();
  await Promise.all([apollo.close(), athena.close()]);
  model.close();
  model.closeAllConnections();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
