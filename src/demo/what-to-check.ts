import type { Outcome } from '../contract/index.js';
import type { Code } from '../errors/index.js';
import { set } from '../terminal/seconds.js';

interface Silence {
  readonly outcomes: readonly Outcome[];
  readonly cis: 'chorus' | 'environment';
  readonly deadlineMs: number;
  /** Returns the address of a CI, by its name. */
  readonly addressOf: (ci: string) => string;
}

interface Group {
  readonly code: Code;
  readonly count: number;
  /** The name of one of them. */
  readonly ci: string;
}

/** Returns advice for the case that no CI answered, for each kind of failure. */
export function whatToCheck(silence: Silence): string {
  const { outcomes, cis } = silence;
  const groups = groupsOf(outcomes);
  const lines = [`None of the ${outcomes.length} CIs answered. What to check:`, ''];
  for (const group of groups) lines.push(...adviceFor(group, silence));
  if (cis === 'environment') lines.push('  - To try the library without a CI of your own: npm start');
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
      `  - ${count} could not be reached, for example ${where}.`,
      '    Are the CIs running, and on this machine? Their ports are',
      '    TEKTON_AI_PORT_BASE + (the component port - TEKTON_PORT_BASE), 45000 and',
      '    8000 by default; <COMPONENT>_PORT moves a single one.',
    ];
  }
  if (code === 'unavailable') {
    return [
      `  - ${count} could not be reached, for example ${where}.`,
      '    May this machine open connections to 127.0.0.1? A firewall or a sandbox',
      '    may be in the way.',
    ];
  }
  if (code === 'deadline_exceeded') {
    return [
      `  - ${count} gave no answer within ${set(deadlineMs)}, for example ${where}.`,
      `    Are they busy, or still loading a model? Try a longer deadline:`,
      `    npm start -- ${cis === 'environment' ? '--cis ' : ''}--deadline ${Math.ceil((deadlineMs * 10) / 1_000)}`,
    ];
  }
  if (code === 'request_too_large') return ['  - The message is too long: a CI reads at most 65,536 bytes.'];
  return [`  - ${count} ended with ${code}, for example ${where}.`, '    Does a CI listen there? Look at its log.'];
}
