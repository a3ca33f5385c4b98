import { describe, expect, test } from 'vitest';
import { ChoragusError } from '../../../../src/errors/index.js';
import { UsageOption } from '../../../../src/transport/http/usage-option.js';

const refused = (status: number | undefined, said?: string): ChoragusError =>
  new ChoragusError('ci_error', 'refused', { status, said });

const byName = refused(400, 'Unknown parameter: stream_options.include_usage');
const unknownField = refused(400, 'Extra inputs are not permitted');
const silent = refused(400);
const other = refused(400, 'the prompt is too long');

describe('the first request asks for the token counts', () => {
  test.each<[what: string, error: ChoragusError, isToBlame: boolean]>([
    ['400 that names stream_options', refused(400, 'unknown field: stream_options'), true],
    ['400 that names include_usage', refused(400, 'include_usage needs stream'), true],
    ['422 that names the option in other letters', refused(422, 'body.Stream-Options: nope'), true],
    ['400 for a field that it does not know', unknownField, true],
    ['400 for an unexpected field', refused(400, 'unexpected keyword argument'), true],
    ['400 for an unrecognised field', refused(400, 'Unrecognised request argument supplied'), true],
    ['400 without a word', silent, true],
    ['400 for something else', other, false],
    ['404 with any text', refused(404, 'stream_options'), false],
    ['429', refused(429, 'stream_options'), false],
    ['500, which may have run', refused(500, 'stream_options'), false],
    ['no status', refused(undefined, 'stream_options'), false],
  ])('%s: sent again without the option: %s', (_what, error, isToBlame) => {
    const option = new UsageOption();
    expect(option.isAsked).toBe(true);
    expect(option.isToBlame('asked', error)).toBe(isToBlame);
    // The option is left out until it is known whether it was at fault.
    expect(option.isAsked).toBe(!isToBlame);
  });
});

/** What happens, and whether the next request then asks. A refusal also says whether the option is at fault. */
type Step =
  | readonly ['answered', 'asked' | 'not asked', next: boolean]
  | readonly ['refused', 'asked' | 'not asked', ChoragusError, isToBlame: boolean, next: boolean]
  | readonly ['forgotten', next: boolean];

describe('what it learns', () => {
  test.each<[what: string, steps: readonly Step[]]>([
    [
      'a server that counts is asked again',
      [
        ['answered', 'asked', true],
        ['answered', 'asked', true],
      ],
    ],
    [
      'a server that answers only without the option is not asked again',
      [
        ['refused', 'asked', byName, true, false],
        ['answered', 'not asked', false],
        ['answered', 'not asked', false],
        ['refused', 'not asked', byName, false, false],
      ],
    ],
    [
      'a server that refuses the request without the option, too, is asked again: the option was not at fault',
      [
        ['refused', 'asked', unknownField, true, false],
        ['refused', 'not asked', unknownField, false, true],
        ['answered', 'asked', true],
      ],
    ],
    [
      'another kind of failure without the option teaches nothing',
      [
        ['refused', 'asked', silent, true, false],
        ['refused', 'not asked', refused(500), false, false],
        ['answered', 'not asked', false],
      ],
    ],
    [
      'a server that has counted is not doubted after an unknown field, nor after silence',
      [
        ['answered', 'asked', true],
        ['refused', 'asked', unknownField, false, true],
        ['refused', 'asked', silent, false, true],
      ],
    ],
    [
      'a gateway that has counted, and refuses the option by name for another model, is asked without it',
      [
        ['answered', 'asked', true],
        ['refused', 'asked', byName, true, false],
        ['answered', 'not asked', false],
      ],
    ],
    [
      'an answer to a chat with its own option teaches nothing',
      [
        ['answered', 'not asked', true],
        ['refused', 'asked', unknownField, true, false],
      ],
    ],
    [
      'a server that went away may come back as another one',
      [
        ['refused', 'asked', byName, true, false],
        ['answered', 'not asked', false],
        ['forgotten', true],
        ['answered', 'asked', true],
        ['forgotten', true],
        ['refused', 'asked', silent, true, false],
      ],
    ],
    [
      'of several requests at once, each refused one is sent once more',
      [
        ['refused', 'asked', byName, true, false],
        ['refused', 'asked', byName, true, false],
        ['answered', 'not asked', false],
        ['refused', 'asked', byName, true, false],
        ['answered', 'not asked', false],
      ],
    ],
  ])('%s', (_what, steps) => {
    const option = new UsageOption();
    for (const step of steps) {
      if (step[0] === 'answered') option.answered(step[1]);
      else if (step[0] === 'forgotten') option.forget();
      else expect(option.isToBlame(step[1], step[2])).toBe(step[3]);
      expect(option.isAsked).toBe(step.at(-1));
    }
  });
});
