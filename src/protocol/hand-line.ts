import type { ChannelSink } from '../contract/index.js';
import { nonFiniteNumber } from '../errors/index.js';
import { asFrame, parseFrame } from './frame-codec.js';
import { withoutNonFinite } from './raw-line.js';

/**
 * Passes a line on as a frame. A line that is not JSON only because of `NaN` or `Infinity` is passed on with that
 * fault: its id can still be read, so it fails one request and not the link.
 *
 * @throws ChoragusError `protocol_error` for any other line that is not JSON, or not an object.
 */
export function handLine(sink: Pick<ChannelSink, 'frame'>, line: string): void {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return handOdd(sink, line);
  }
  sink.frame(asFrame(value), line);
}

function handOdd(sink: Pick<ChannelSink, 'frame'>, line: string): void {
  const { json, first } = withoutNonFinite(line);
  if (first === undefined) return void parseFrame(line);
  const frame = parseFrame(json);
  sink.frame(frame, line, nonFiniteNumber(first.token, first.position));
}
