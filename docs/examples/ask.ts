// Ask one CI, twice, over one connection.
import assert from 'node:assert/strict';
import { createPool, serveCi } from 'choragus';
import { firstValueFrom } from 'rxjs';

await using apollo = await serveCi({ id: 'apollo', handler: ({ content }) => `I hear: ${content}` });
await using pool = createPool({ cis: { apollo: apollo.url }, logger: false });

const first = await firstValueFrom(pool.ask('apollo', 'What patterns do you see?'));
assert.equal(first.content, 'I hear: What patterns do you see?');
assert.equal(first.type, 'chat_response');
assert.equal(first.reused, false); // a connection was opened for it

const second = await firstValueFrom(pool.ask('apollo', { content: 'And now?', temperature: 0.2, maxTokens: 100 }));
assert.equal(second.content, 'I hear: And now?');
assert.equal(second.reused, true);
assert.equal(apollo.totalConnections, 1);

// Other message types of the wire go through request().
const info = await firstValueFrom(pool.request('apollo', { type: 'info' }));
assert.equal(info.raw.component, 'apollo');
console.log(second.content, second.timings);
