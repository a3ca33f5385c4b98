import type { Outcome } from '../contract/index.js';
import { clip, columnsOf } from './columns.js';
import { describeFailure } from './describe-failure.js';
import { firstLine } from './printable.js';
import type { Screen } from './screen.js';
import { measured } from './seconds.js';

const timeWidth = 9;
const nameWidth = 11;
const linkWidth = 6;
const gap = '  ';

/** Shows one CI's result as one line: time, CI, whether its connection was reused, and the answer. */
export function showReply(outcome: Outcome, screen: Screen): void {
  const { text: head, columns } = headOf(outcome, screen);
  const room = Math.max(screen.width - columns - gap.length, 1);
  const text = clip(outcome.ok ? firstLine(outcome.reply.content) : describeFailure(outcome.error), room);
  screen.line(`${head}${gap}${outcome.ok ? text : screen.style.bad(text)}`);
}

/** Returns the text before an answer, and its width in columns. */
export function headOf(outcome: Outcome, { style }: Screen): { readonly text: string; readonly columns: number } {
  const timings = outcome.ok ? outcome.reply.timings : outcome.error.timings;
  const time = measured(timings?.totalMs ?? 0).padStart(timeWidth);
  const name = outcome.ci.padEnd(nameWidth);
  const link = linkOf(outcome).padEnd(linkWidth);
  const paint = link.startsWith('reused') ? style.good : outcome.ok ? (text: string) => text : style.faint;
  return {
    text: [style.faint(time), style.name(name), paint(link)].join(gap),
    columns: columnsOf([time, name, link].join(gap)),
  };
}

function linkOf(outcome: Outcome): string {
  if (!outcome.ok) return '-';
  return outcome.reply.reused ? 'reused' : 'new';
}
