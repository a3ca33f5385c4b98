import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamText } from '../../../src/request/stream-text.js';

test('joins its pieces, at any time', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 3_000 }), fc.nat(3_000), (pieces, at) => {
      const text = new StreamText();
      for (const [index, piece] of pieces.entries()) {
        if (index === at) expect(String(text)).toBe(pieces.slice(0, at).join(''));
        expect(text.count).toBe(index);
        text.add(piece);
      }
      expect(String(text)).toBe(pieces.join(''));
      expect(text.characters).toBe(pieces.join('').length);
    }),
  );
});
