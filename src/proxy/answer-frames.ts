import type { Chunk, Frame, Reply } from '../contract/index.js';
import type { ChoragusError } from '../errors/index.js';
import { kindOf } from '../protocol/frame-codec.js';

/** Puts the client's own id on a frame, as the client sent it; none where it sent none. */
export type Echo = (frame: Frame) => Frame;

export function echoOf({ request_id }: Frame): Echo {
  return request_id === undefined ? (frame) => frame : (frame) => ({ ...frame, request_id });
}

/** A reply as the CI sent it; the id on it is the pool's, and nobody else's business. */
export function replyFrame({ raw }: Reply): Frame {
  const { request_id: _, ...frame } = raw;
  return frame;
}

export function startFrame(ci: string): Frame {
  return { type: 'stream_start', ai_id: ci };
}

/** A piece of text, the one with this number. */
export function chunkFrame({ content, metadata }: Chunk, number: number): Frame {
  return { type: 'stream_chunk', content, chunk_index: number, ...(metadata === undefined ? {} : { metadata }) };
}

/** The end of a stream, with what the CI told of it; one that answered in one piece told of no stream. */
export function endFrame(chunks: number, end: Reply | undefined): Frame {
  if (end === undefined || kindOf(end.type) !== 'streamEnd') return { type: 'stream_end', metadata: { chunks } };
  return { ...replyFrame(end), type: 'stream_end' };
}

/** A failure, in the words of the wire, which are the CI's own where it has said any; the code besides, for those who read it. */
export function errorFrame(type: 'error' | 'stream_error', { code, reason, said = reason }: ChoragusError): Frame {
  return { type, error: code === 'ci_error' ? said : reason, code };
}
