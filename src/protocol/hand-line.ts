import type { ChannelSink } from '../contract/index.js';
import { nonFiniteNumber } from '../errors/index.js';
import { asFrame, parseFrame } from './frame-codec.js';
import { withoutNonFinite } from './raw-line.js';

/**
 * Hands a line on as a frame. One that is no JSON because of numbers that JSON has not is handed on with that as its fault, since whose
 * it is can be read all the same: it fails one request, and not the link.
 *
 * @throws ChoragusError `protocol_error` for any other line that is not JSON, or no object.
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
