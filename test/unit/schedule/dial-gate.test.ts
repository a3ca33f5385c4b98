import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DialGate } from '../../../src/schedule/dial-gate.js';

/** A gate, and the dials that began. */
function openGate(maxDials: number) {
  const gate = new DialGate(maxDials);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const ask = (name: string): (() => void) =>
    gate.permit((dialled) => {
      begun.push(name);
      ends.set(name, dialled);
    });
  const end = (name: string): void => ends.get(name)?.();
  return { gate, begun, ask, end };
}

describe('DialGate', () => {
  test('begins at once while there is room', () => {
    const { gate, begun, ask } = openGate(2);
    ask('a');
    ask('b');
    expect([begun, gate.dialling]).toEqual([['a', 'b'], 2]);
  });

  test('allows at most maxDials dials at once; the next begins when one has ended', () => {
    const { gate, begun, ask, end } = openGate(2);
    for (const name of ['a', 'b', 'c', 'd']) ask(name);
    expect(begun).toEqual(['a', 'b']);
    end('b');
    expect([begun, gate.dialling]).toEqual([['a', 'b', 'c'], 2]);
  });

  test('begins in the order of the calls', () => {
    const { begun, ask, end } = openGate(1);
    for (const name of ['a', 'b', 'c', 'd']) ask(name);
    for (const name of ['a', 'b', 'c']) end(name);
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
  });

  test('counts an end once, even if it is reported twice in different ways', () => {
    const { gate, begun, ask, end } = openGate(1);
    const cancel = ask('a');
    for (const name of ['b', 'c']) ask(name);
    end('a');
    end('a');
    cancel();
    expect([begun, gate.dialling]).toEqual([['a', 'b'], 1]);
  });

  test('cancelling a running dial makes room', () => {
    const { begun, ask } = openGate(1);
    const cancel = ask('a');
    ask('b');
    cancel();
    expect(begun).toEqual(['a', 'b']);
  });

  test('a dial that is cancelled while it waits never begins, and takes no room', () => {
    const { gate, begun, ask, end } = openGate(1);
    ask('a');
    const cancel = ask('b');
    ask('c');
    cancel();
    cancel();
    expect(gate.dialling).toBe(1);
    end('a');
    expect([begun, gate.dialling]).toEqual([['a', 'c'], 1]);
    end('c');
    expect(gate.dialling).toBe(0);
  });

  test('a dial that ends during its own start frees its slot', () => {
    const { gate, begun, ask } = openGate(1);
    const cancel = gate.permit((dialled) => {
      dialled();
      begun.push('a');
    });
    cancel();
    ask('b');
    expect([begun, gate.dialling]).toEqual([['a', 'b'], 1]);
  });

  test('begins fifty thousand dials that fail at once in a loop, not in a recursion', () => {
    const { gate, ask, end } = openGate(1);
    ask('first');
    let depth = 0;
    let deepest = 0;
    let count = 0;
    for (let i = 0; i < 50_000; i += 1) {
      gate.permit((dialled) => {
        depth += 1;
        deepest = Math.max(deepest, depth);
        count += 1;
        dialled();
        depth -= 1;
      });
    }
    end('first');
    expect([count, deepest, gate.dialling]).toEqual([50_000, 1, 0]);
  });

  test('a dial requested during a start waits for its turn', () => {
    const { gate, begun, ask, end } = openGate(1);
    gate.permit((dialled) => {
      begun.push('outer');
      ask('inner');
      ask('last');
      dialled();
    });
    expect([begun, gate.dialling]).toEqual([['outer', 'inner'], 1]);
    end('inner');
    expect(begun).toEqual(['outer', 'inner', 'last']);
  });
});

const operation = fc.record({
  type: fc.constantFrom('ask' as const, 'ask' as const, 'askAndFail' as const, 'end' as const, 'cancel' as const),
  index: fc.nat(),
});

test('never exceeds its limit, never idles while a dial waits, and keeps the order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(operation, { maxLength: 60 }), (maxDials, operations) => {
      const gate = new DialGate(maxDials);
      const dialling = new Map<number, () => void>();
      const cancels: (() => void)[] = [];
      let waiting: number[] = [];
      let asked = 0;
      for (const { type, index } of operations) {
        if (type === 'ask' || type === 'askAndFail') {
          const number = asked;
          asked += 1;
          waiting.push(number);
          const cancel = gate.permit((dialled) => {
            expect(waiting.shift()).toBe(number);
            if (type === 'askAndFail') dialled();
            else dialling.set(number, dialled);
          });
          cancels[number] = cancel;
        } else if (asked > 0) {
          const number = index % asked;
          if (type === 'cancel') waiting = waiting.filter((one) => one !== number);
          const dialled = dialling.get(number);
          dialling.delete(number);
          if (type === 'cancel') cancels[number]?.();
          else dialled?.();
        }
        expect(gate.dialling).toBe(dialling.size);
        expect(gate.dialling).toBeLessThanOrEqual(maxDials);
        if (waiting.length > 0) expect(gate.dialling).toBe(maxDials);
      }
    }),
    { numRuns: 300 },
  );
});
