import type { Frame } from '../contract/index.js';
import { ciError } from '../errors/index.js';
import type { Awaiting } from './awaiting.js';
import { errorTextOf, type FrameKind } from './frame-codec.js';

/** Hands a frame that fits to the request that it belongs to. */
export function handOver(item: Awaiting, frame: Frame, kind: FrameKind): void {
  if (kind === 'chunk') item.chunk(frame);
  else if (kind === 'streamStart') item.begun?.(frame);
  else if (kind === 'streamEnd') item.ended(frame);
  else if (kind === 'streamError' || (kind === 'reply' && frame.type === 'error'))
    item.failed(ciError({ said: errorTextOf(frame) }), frame);
  else if (kind === 'reply') item.answered(frame);
}
