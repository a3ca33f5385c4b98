import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { ciSchema, poolSchema } from '../../../src/pool/options.js';
import { root } from '../../support/source-files.js';

/** Options that are not data: a file cannot hold them. */
const code = ['logger', 'inspect', 'transports', 'clock', 'random'] as const;

/** The options that `choragus.json` accepts, for editors. */
function schemaOfFile() {
  const { tls: _, headers: __, ...ciFields } = ciSchema.entries;
  const { cis, ...poolFields } = v.omit(poolSchema, code).entries;
  const tlsOfFile = v.strictObject({
    ca: v.optional(v.union([v.string(), v.array(v.string())])),
    cert: v.optional(v.string()),
    key: v.optional(v.string()),
    passphrase: v.optional(v.string()),
    servername: v.optional(v.string()),
    rejectUnauthorized: v.optional(v.boolean()),
  });
  const headersOfFile = v.record(
    v.pipe(v.string(), v.regex(/^[\w!#$%&'*+.^`|~-]+$/)),
    v.pipe(v.string(), v.regex(/^[\t\x20-\x7e\x80-\xff]*$/)),
  );
  const { apiKey, ...others } = ciFields;
  const ci = v.strictObject({ ...others, headers: v.optional(headersOfFile), apiKey, tls: v.optional(tlsOfFile) });
  const file = v.strictObject({
    $schema: v.optional(v.string()),
    cis: v.optional(v.record(v.string(), v.union([v.string(), ci]))),
    ...poolFields,
  });
  return { title: 'choragus.json', description: 'docs/command.md', ...toJsonSchema(file, { typeMode: 'input' }) };
}

test('the schema of choragus.json matches the options of createPool; -u writes it anew', async () => {
  await expect(`${JSON.stringify(schemaOfFile(), null, 2)}\n`).toMatchFileSnapshot(`${root}docs/choragus.schema.json`);
});
