import { describe, expect, test } from 'vitest';
import { chorusCis } from '../../../src/demo/chorus-cis.js';
import { components } from '../../../src/tekton/components.js';

const question = '"What should we build?"';
/** The rest of 80 columns beside the time, the CI and its connection. */
const shownColumns = 48;

describe('the chorus', () => {
  test('has the 18 components of the platform', () => {
    expect(chorusCis.map(({ name }) => name)).toEqual(Object.keys(components));
  });

  test('has one CI that hangs, one that is down and one that drops its connection; the rest answer within 1.5 s', () => {
    const behaviours = chorusCis.map(({ behaviour }) => behaviour).filter((behaviour) => behaviour !== 'answers');
    expect(behaviours.sort()).toEqual(['drops', 'hangs', 'isDown']);
    for (const { latencyMs } of chorusCis) expect(latencyMs).toBeLessThanOrEqual(1_500);
  });

  test('uses every correlation and dialect, each CI at its own pace', () => {
    const answering = chorusCis.filter(({ behaviour }) => behaviour === 'answers');
    expect(new Set(answering.map(({ latencyMs }) => latencyMs)).size).toBe(answering.length);
    expect(new Set(answering.map(({ correlation }) => correlation))).toEqual(new Set(['byId', 'ordered']));
    expect(new Set(answering.map(({ streaming }) => streaming))).toEqual(new Set(['none', 'frames', 'legacy']));
  });

  test.each(chorusCis)('$name uses the question, in a first line that fits', ({ say }) => {
    const [first = ''] = say(question).split('\n');
    expect(first).toContain(question);
    expect(first.length).toBeLessThanOrEqual(shownColumns);
  });
});
