import { describe, expect, test } from 'vitest';
import { components } from '../../../src/tekton/components.js';
import { resolveName } from '../../../src/tekton/resolve-name.js';
import { fixture } from './fixture.js';

const platform = Object.keys(components);

describe('the name', () => {
  test.each([
    ['apollo', 'apollo'],
    ['apollo-ai', 'apollo'],
    ['Apollo', 'apollo'],
    ['APOLLO', 'apollo'],
    ['Apollo-AI', 'apollo'],
    ['tekton_core', 'tekton_core'],
    ['TEKTON_CORE-ai', 'tekton_core'],
    ['tekton', 'tekton_core'],
    ['Tekton-AI', 'tekton_core'],
  ])('%j means %s', (name, ci) => {
    expect(resolveName(name, platform)).toBe(ci);
  });

  test.each([
    'apo',
    'apollo-',
    'a',
    'pollo',
    'apollo_ai',
    'apollo ai',
    ' apollo',
    'apollo-ai-ai',
    'tekton-core',
    '-ai',
    'zeus',
    '__proto__',
    'constructor',
  ])('%j means no CI', (name) => {
    const names = 'engram, hermes, ergon, rhetor, terma and 13 more';
    const message = `[unknown_ci] the pool has no CI ${JSON.stringify(name)}: use ${names}`;
    expect(() => resolveName(name, platform)).toThrow(message);
  });

  test.each([
    [['apollo-ai'], 'apollo', 'apollo-ai'],
    [['Apollo-AI'], 'apollo', 'Apollo-AI'],
    [['apollo', 'apollo-ai'], 'apollo', 'apollo'],
    [['apollo', 'apollo-ai'], 'apollo-ai', 'apollo-ai'],
    [['apollo', 'apollo-ai'], 'APOLLO', 'apollo'],
    [['apollo', 'apollo-ai'], 'APOLLO-AI', 'apollo-ai'],
    [['apollo', 'Apollo'], 'Apollo', 'Apollo'],
    [['tekton', 'tekton_core'], 'Tekton', 'tekton'],
  ])('in a pool with %j, %s means %s: the closest spelling wins', (cis, name, ci) => {
    expect(resolveName(name, cis)).toBe(ci);
  });

  test.each([
    [['apollo', 'Apollo'], 'APOLLO'],
    [['apollo', 'Apollo'], 'apollo-ai'],
  ])('in a pool with %j, %s could mean several, and means no CI', (cis, name) => {
    const message = `"${name}" matches apollo, Apollo: use the exact name`;
    expect(() => resolveName(name, cis)).toThrow(expect.objectContaining({ code: 'unknown_ci', delivery: 'not_sent' }));
    expect(() => resolveName(name, cis)).toThrow(message);
  });
});

describe('sendToAi', () => {
  test('sends to the CI of that name, and sends nothing for another name', async () => {
    const { client, pool } = fixture({}, { cis: { apollo: 'tcp://a:1', apollo_spare: 'tcp://b:2' } });
    for (const name of ['apollo', 'apollo-ai', 'APOLLO']) await client.sendToAi(name, 'hello');
    await pool.remove('apollo');
    const result = await client.sendToAi('apollo', 'hello');
    expect(pool.calls.map(({ ci }) => ci)).toEqual(['apollo', 'apollo', 'apollo']);
    expect(result).toMatchObject({
      success: false,
      error: '[unknown_ci] the pool has no CI "apollo": use apollo_spare',
    });
  });

  test('knows the CIs added by address under their exact names', async () => {
    const { client } = fixture();
    await client.sendMessage('localhost', 1, 'hello');
    expect(await client.sendToAi('localhost:1', 'hello')).toMatchObject({ success: true });
    expect(await client.sendToAi('LOCALHOST:1', 'hello')).toMatchObject({
      error: '[unknown_ci] the pool has no CI "LOCALHOST:1": it has no CIs',
    });
  });
});
