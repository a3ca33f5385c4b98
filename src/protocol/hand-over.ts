import type { Frame } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import type { Awaiting } from './awaiting.js';
import { errorTextOf, type FrameKind } from './frame-codec.js';

/** Hands a frame that fits to the request that it belongs to. */
export function handOver(item: Awaiting, frame: Frame, kind: FrameKind): void {
  if (kind === 'chunk') item.chunk(frame);
  else if (kind === 'streamStart') item.begun?.(frame);
  else if (kind === 'streamEnd') item.ended(frame);
  else if (kind === 'streamError' || (kind === 'reply' && frame.type === 'error')) item.failed(ciError(frame), frame);
  else if (kind === 'reply') item.answered(frame);
}

/** What a request fails of whose answer cannot be one. */
export function misfit(type: string): ChoragusError {
  return new ChoragusError('protocol_error', `an answer of the wrong type to ${type}`, { delivery: 'answered' });
}

/** What a request fails of that was answered after the probe behind it. */
export function unproved(): ChoragusError {
  const message = 'the answer came after what was asked behind it: nothing proves whose it is';
  return new ChoragusError('protocol_error', message);
}

function ciError(frame: Frame): ChoragusError {
  const details = { delivery: 'answered', said: errorTextOf(frame) } as const;
  return new ChoragusError('ci_error', 'the CI answered with an error', details);
}
