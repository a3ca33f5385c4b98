import type { Outcome, Usage } from '../contract/index.js';
import { ChoragusError, type Timings } from '../errors/index.js';
import { askTeamFor, type Begin } from './asking.js';
import type { Call } from './call.js';
import { forLine } from './question/for-line.js';
import type { Question } from './question/question.js';
import { Refusal } from './refusal.js';

const NO_TIMINGS: Timings = { queuedMs: 0, connectMs: 0, serviceMs: 0, totalMs: 0 };

/**
 * Returns what asks all CIs that a client may ask. Their answers become one, with a section for each, in the order in
 * which they come. Fails only if all CIs fail.
 *
 * @throws Refusal if there is no CI, or for a question that not every wire carries
 */
export function askTeam(call: Call, name: string, question: Question): Begin {
  const to = call.cis;
  if (to.length === 0) throw new Refusal(404, 'not_found', 'there is no CI');
  const message = forLine(name, question);
  const terms = { to, deadlineMs: call.settings.teamDeadlineMs };
  return (asking) => {
    const sections: string[] = [];
    const failures: Failed[] = [];
    let usage: Usage | undefined;
    const say = (outcome: Outcome): void => {
      const content = (sections.length === 0 ? '' : '\n\n') + sectionOf(outcome);
      sections.push(content);
      asking.piece?.({ kind: 'text', content });
    };
    return askTeamFor(call, message, terms, {
      outcome: (outcome) => {
        if (!outcome.ok) return void failures.push(outcome);
        usage = sumOf(usage, outcome.reply.usage);
        say(outcome);
      },
      over: () => {
        if (failures.length === to.length) return asking.failed(failureOfAll(failures));
        // The answers come first; a reader of the end sees who said nothing.
        for (const failure of failures) say(failure);
        asking.answer({
          content: sections.join(''),
          timings: NO_TIMINGS,
          finishReason: 'stop',
          ...(usage === undefined ? {} : { usage }),
        });
      },
      failed: asking.failed,
    });
  };
}

type Failed = Extract<Outcome, { readonly ok: false }>;

function sectionOf(outcome: Outcome): string {
  if (outcome.ok) return `## ${outcome.ci}\n\n${outcome.reply.content}`;
  return `## ${outcome.ci}\n\nNo answer: ${outcome.error.reason} (${outcome.error.code}, ${outcome.error.delivery}).`;
}

function sumOf(one: Usage | undefined, other: Usage | undefined): Usage | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    totalTokens: one.totalTokens + other.totalTokens,
  };
}

/** Returns one failure for all: that of a CI that may have seen the request, if there is one. */
function failureOfAll(failures: readonly Failed[]): ChoragusError {
  const errors = failures.map(({ error }) => error);
  const worst = errors.find(({ delivery }) => delivery !== 'not_sent') ?? (errors[0] as ChoragusError);
  const message = `none of ${errors.length} CIs answered. ${worst.ci ?? 'One'}: ${worst.reason}`;
  return new ChoragusError(worst.code, message, { delivery: worst.delivery, retryAfterMs: worst.retryAfterMs });
}
