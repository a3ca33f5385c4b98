import type { Outcome } from '../contract/index.js';
import { clip } from './clip.js';
import { describeFailure } from './describe-failure.js';
import { firstLine } from './printable.js';
import type { Screen } from './screen.js';
import { measured } from './seconds.js';

const timeWidth = 9;
const nameWidth = 11;
const linkWidth = 6;
const gap = '  ';

/** Shows how one CI's request ended, as one line: time, CI, whether its connection was reused, and what it said. */
export function showReply(outcome: Outcome, deadlineMs: number, screen: Screen): void {
  const { style } = screen;
  const timings = outcome.ok ? outcome.reply.timings : outcome.error.timings;
  const left = [
    style.faint(measured(timings?.totalMs ?? 0).padStart(timeWidth)),
    style.name(outcome.ci.padEnd(nameWidth)),
    linkOf(outcome, screen),
  ];
  const room = screen.width - timeWidth - Math.max(nameWidth, outcome.ci.length) - linkWidth - 3 * gap.length;
  const text = clip(outcome.ok ? firstLine(outcome.reply.content) : describeFailure(outcome.error, deadlineMs), room);
  screen.line([...left, outcome.ok ? text : style.bad(text)].join(gap));
}

function linkOf(outcome: Outcome, { style }: Screen): string {
  if (!outcome.ok) return style.faint('-'.padEnd(linkWidth));
  return outcome.reply.reused ? style.good('reused') : 'new'.padEnd(linkWidth);
}
