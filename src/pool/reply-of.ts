import type { Frame, Reply } from '../contract/index.js';
import type { Timings } from '../errors/index.js';

/** A reply, as the user sees it. */
export function replyOf(ci: string, frame: Frame, content: string, reused: boolean, timings: Timings): Reply {
  return {
    ci,
    content,
    model: typeof frame.model === 'string' ? frame.model : undefined,
    type: String(frame.type),
    raw: frame,
    reused,
    timings,
  };
}
