import { askFor, type Begin } from './asking.js';
import type { Call } from './call.js';
import { messageFor } from './question/message-for.js';
import type { Question } from './question/question.js';
import { askTeam } from './team-answer.js';

/**
 * Returns what asks a model: a CI, or all of them.
 *
 * @throws ChoragusError `unknown_ci`; Refusal for what the CI's wire cannot carry
 */
export function askModel(call: Call, model: string, question: Question): Begin {
  if (call.isTeam(model)) return askTeam(call, model, question);
  const ci = call.ciNamed(model);
  return askFor(call, ci, messageFor(call, ci, question));
}
