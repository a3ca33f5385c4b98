// Stream one answer: chunk by chunk, as one text, and with what the CI tells at its end.
import assert from 'node:assert/strict';
import { type CiRequest, createPool, type Reply, serveCi, text, toAsyncIterable } from 'choragus';
import { firstValueFrom, lastValueFrom } from 'rxjs';

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

let end: Reply | undefined;
const onEnd = (reply: Reply): void => {
  end = reply;
};
await lastValueFrom(pool.stream('apollo', 'one two three', { onEnd }));
assert.equal(end?.content, 'one two three ');
assert.deepEqual(end.raw.metadata, { chunks: 3 });
console.log(seen, end.timings.totalMs);
