import { describe, expect, test } from 'vitest';
import { handLine } from '../../../src/protocol/hand-line.js';

interface Handed {
  readonly frame: unknown;
  readonly line: string | undefined;
  readonly fault: unknown;
}

function handed(line: string): readonly Handed[] {
  const frames: Handed[] = [];
  handLine({ frame: (frame, text, fault) => void frames.push({ frame, line: text, fault }) }, line);
  return frames;
}

describe('handLine', () => {
  test('passes a frame on once, with its line and without a fault', () => {
    const line = '{"request_id":"a.1","type":"chat_response"}';
    expect(handed(line)).toEqual([{ frame: { request_id: 'a.1', type: 'chat_response' }, line, fault: undefined }]);
  });

  test.each(['NaN', 'Infinity', '-Infinity'])('passes a frame with %s on once, with its id and the fault', (token) => {
    const line = `{"request_id":"a.1","score":${token}}`;
    const [only, ...others] = handed(line);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ frame: { request_id: 'a.1' }, line });
    expect(only?.fault).toMatchObject({ message: expect.stringContaining(token) });
  });

  test.each(['', 'no JSON', '{"a":', '[1', '1', 'null', '[]', '"text"', '{"a":NaN', 'NaN', '[NaN]'])(
    'rejects %j with protocol_error, and passes nothing on',
    (line) => {
      const frames: unknown[] = [];
      const hand = () => handLine({ frame: (frame) => void frames.push(frame) }, line);
      expect(hand).toThrow(expect.objectContaining({ code: 'protocol_error' }));
      expect(frames).toEqual([]);
    },
  );
});
