// Stream one answer: chunk by chunk, and as one text.
import assert from 'node:assert/strict';
import { type CiRequest, createPool, serveCi, text, toAsyncIterable } from 'choragus';
import { firstValueFrom } from 'rxjs';

async function* words({ content }: CiRequest): AsyncGenerator<string> {
  for (const word of content.split(' ')) yield `${word} `;
}

await using apollo = await serveCi({ id: 'apollo', handler: words });
await using pool = createPool({ cis: { apollo: apollo.url }, logger: false });

const seen: string[] = [];
for await (const chunk of toAsyncIterable(pool.stream('apollo', 'one two three'))) {
  assert.equal(chunk.index, seen.length);
  seen.push(chunk.content);
}
assert.deepEqual(seen, ['one ', 'two ', 'three ']);

const whole = await firstValueFrom(pool.stream('apollo', 'one two three').pipe(text()));
assert.equal(whole, 'one two three ');
console.log(seen);
