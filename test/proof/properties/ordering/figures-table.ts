import type { Figures } from './figures.js';

/** Returns the figures as a Markdown table. */
export function figuresTable(all: readonly Figures[]): string {
  const rows = all.map((of) => [
    of.manner,
    of.answers.toLocaleString('en'),
    of.wrong.toLocaleString('en'),
    `${(100 * of.shareAnswered).toFixed(1)} %`,
    of.probesPerAnswer.toFixed(2),
    of.connectionsPer100Answers.toFixed(1),
    of.orderViolations.toLocaleString('en'),
    of.learned.join(', '),
  ]);
  const heads = [
    'peer',
    'answers',
    'wrong',
    'answered',
    'probes per answer',
    'connections per 100 answers',
    'violations',
    'taken for',
  ];
  const total = all.reduce((sum, { answers }) => sum + answers, 0);
  const wrong = all.reduce((sum, of) => sum + of.wrong, 0);
  const last = ['all', total.toLocaleString('en'), wrong.toLocaleString('en'), '', '', '', '', ''];
  return [heads, heads.map(() => '---'), ...rows, last].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
