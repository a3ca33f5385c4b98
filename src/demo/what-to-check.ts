import type { Outcome } from '../contract/index.js';
import type { Code } from '../errors/index.js';
import { set } from '../terminal/seconds.js';

interface Silence {
  readonly outcomes: readonly Outcome[];
  readonly cis: 'chorus' | 'environment';
  readonly deadlineMs: number;
  /** The address of a CI, by its name. */
  readonly addressOf: (ci: string) => string;
}

interface Group {
  readonly code: Code;
  readonly count: number;
  /** One of them, to name. */
  readonly ci: string;
}

/** What to look at when no CI answered at all, told by how they failed. */
export function whatToCheck(silence: Silence): string {
  const { outcomes, cis } = silence;
  const groups = groupsOf(outcomes);
  const lines = [`None of the ${outcomes.length} CIs answered. What to check:`, ''];
  for (const group of groups) lines.push(...adviceFor(group, silence));
  if (cis === 'environment') lines.push('  - To see the library at work without any CI of your own: npm start');
  return `${lines.join('\n')}\n`;
}

function groupsOf(outcomes: readonly Outcome[]): readonly Group[] {
  const groups = new Map<Code, Group>();
  for (const outcome of outcomes) {
    if (outcome.ok) continue;
    const { code } = outcome.error;
    const group = groups.get(code) ?? { code, count: 0, ci: outcome.ci };
    groups.set(code, { ...group, count: group.count + 1 });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

function adviceFor({ code, count, ci }: Group, { cis, deadlineMs, addressOf }: Silence): readonly string[] {
  const where = `${addressOf(ci)} (${ci})`;
  if (code === 'unavailable' && cis === 'environment') {
    return [
      `  - ${count} could not be reached, such as ${where}.`,
      '    Are the CIs running, and on this machine? Their ports are',
      '    TEKTON_AI_PORT_BASE + (the component port - TEKTON_PORT_BASE), 45000 and',
      '    8000 by default; <COMPONENT>_PORT moves a single one.',
    ];
  }
  if (code === 'unavailable') {
    return [
      `  - ${count} could not be reached, such as ${where}.`,
      '    May this machine open connections to 127.0.0.1? A firewall or a sandbox',
      '    may be in the way.',
    ];
  }
  if (code === 'deadline_exceeded') {
    return [
      `  - ${count} gave no answer within ${set(deadlineMs)}, such as ${where}.`,
      `    Are they busy, or still loading a model? Give them longer, such as with:`,
      `    npm start -- ${cis === 'environment' ? '--cis ' : ''}--deadline ${Math.ceil((deadlineMs * 10) / 1_000)}`,
    ];
  }
  if (code === 'request_too_large') return ['  - The message is over 65,536 bytes, the most that a CI reads.'];
  return [
    `  - ${count} ended with ${code}, such as ${where}.`,
    '    Is it a CI that listens there, and what does its own log say?',
  ];
}
