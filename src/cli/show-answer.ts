import type { Outcome } from '../contract/index.js';
import { describeFailure } from '../terminal/describe-failure.js';
import { printable } from '../terminal/printable.js';
import type { Screen } from '../terminal/screen.js';
import { headOf } from '../terminal/show-reply.js';
import { wrappedLines } from '../terminal/wrapped-lines.js';

/** Columns that a text needs beside its head. With fewer, the text goes below the head. */
const leastBeside = 36;
const gap = '  ';

/** Shows one CI's result: time, CI, whether its connection was reused, and the whole answer, wrapped. */
export function showAnswer(outcome: Outcome, screen: Screen): void {
  const { style, width } = screen;
  const { text: head, columns } = headOf(outcome, screen);
  const room = width - columns - gap.length;
  const said = outcome.ok
    ? printable(outcome.reply.content).replace(/^\s*\n|\s+$/g, '')
    : describeFailure(outcome.error);
  const paint = outcome.ok ? (text: string) => text : style.bad;
  if (room < leastBeside) {
    screen.line(head.trimEnd());
    for (const line of wrappedLines(said, width - gap.length)) screen.line(line === '' ? '' : gap + paint(line));
    return;
  }
  const [first = '', ...rest] = wrappedLines(said, room);
  screen.line(`${head}${gap}${paint(first)}`.trimEnd());
  const indent = ' '.repeat(columns + gap.length);
  for (const line of rest) screen.line(line === '' ? '' : indent + paint(line));
}
