import type { Chunk, ChunkKind, Frame, ToolCallPiece } from '../contract/index.js';

/** Returns the kind of a chunk's frame. A peer that sends no kind, or an unknown one, streams text. */
export function kindOfChunk({ kind }: Frame): ChunkKind {
  return kind === 'reasoning' || kind === 'tool_call' || kind === 'refusal' ? kind : 'text';
}

/** Returns a chunk in the form that the user gets. */
export function chunkOf(ci: string, index: number, kind: ChunkKind, content: string, frame: Frame): Chunk {
  const { metadata } = frame;
  if (kind !== 'tool_call') return { ci, index, kind, content, metadata };
  return { ci, index, kind, content, metadata, toolCall: pieceOf(frame.tool_call) };
}

function pieceOf(said: unknown): ToolCallPiece {
  const { index, id, name } = (typeof said === 'object' && said !== null ? said : {}) as Frame;
  return {
    index: typeof index === 'number' ? index : 0,
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof name === 'string' ? { name } : {}),
  };
}
