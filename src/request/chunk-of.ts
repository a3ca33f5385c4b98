import type { Chunk, ChunkKind, Frame, ToolCallPiece } from '../contract/index.js';

/** What a chunk's frame says that it is a piece of. A peer that says nothing, or a word of its own, streams text. */
export function kindOfChunk({ kind }: Frame): ChunkKind {
  return kind === 'reasoning' || kind === 'tool_call' || kind === 'refusal' ? kind : 'text';
}

/** A piece of a stream, as the user sees it. */
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
