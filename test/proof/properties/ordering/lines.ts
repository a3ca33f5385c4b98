import type { Frame } from '../../../../src/index.js';
import type { Manner } from './manners.js';

/** Returns a question's text. Its end is marked, so that no question's text is within another's. */
export const questionOf = (number: number): string => `<q${number}>`;
export const numberOf = (question: string): number => Number(question.slice(2, -1));

/** Returns the text of an answer: each line names its question, so a wrong answer is seen at once. */
export const answerTo = (question: string): string => `re ${question}`;
export const piecesFor = (question: string): readonly string[] => [0, 1, 2].map((piece) => `${question}:${piece} `);
export const errorFor = (question: string): string => `cannot answer ${question}`;

/** Unexpected text: it names no question. */
export const strayLine: Frame = { type: 'chat_response', content: 'a stray line' };
export const greetingLine: Frame = { type: 'chat_response', content: 'welcome' };

const replyTypes: Readonly<Record<string, string>> = {
  chat: 'chat_response',
  ping: 'pong',
  health: 'health_response',
  info: 'info_response',
};
const probeTypes: readonly unknown[] = ['ping', 'health', 'info'];

/** Whether a line has a probe's type: a fence's probe, a heartbeat, or a caller's own request. */
export function isProbe({ type }: Frame): boolean {
  return probeTypes.includes(type);
}

/** Whether a line is a fence's probe: only its type. */
export function isFence(request: Frame): boolean {
  return isProbe(request) && request.request_id === undefined && request.content === undefined;
}

/** Returns the `request_id` of a reply, if the peer echoes it there. */
export function idFor(request: Frame, { ids, streaming }: Manner, where: 'reply' | 'stream'): Frame {
  const isEchoed =
    ids === 'all' || (ids === 'probes' && isProbe(request)) || (where === 'stream' && streaming === 'frames');
  return isEchoed && request.request_id !== undefined ? { request_id: request.request_id } : {};
}

/** Returns the reply to a question that is no stream. */
export function replyTo(request: Frame, manner: Manner): Frame {
  const type = replyTypes[String(request.type)] ?? 'response';
  return { type, ai_id: 'peer', content: answerTo(String(request.content)), ...idFor(request, manner, 'reply') };
}

/** Returns the reply to a line of a probe's type; undefined if the peer ignores it. */
export function probeReplyTo(request: Frame, manner: Manner, timestamp: () => number): Frame | 'hangUp' | undefined {
  const isUnknown = manner.probes === 'knowsPingAlone' && request.type !== 'ping';
  if (manner.probes === 'ignores') return undefined;
  if (manner.probes === 'hangsUp') return 'hangUp';
  if (manner.probes === 'chats') return { type: 'chat_response', content: 'I chat, whatever you say' };
  if (manner.probes === 'refuses' || isUnknown) return { type: 'error', error: 'unknown message type' };
  const said = typeof request.content === 'string' ? { content: answerTo(request.content) } : {};
  const isStamped = request.type === 'ping' && manner.timestamps === 'increasing';
  const time = isStamped ? { timestamp: timestamp() } : {};
  return {
    type: replyTypes[String(request.type)],
    ai_id: 'peer',
    ...time,
    ...said,
    ...idFor(request, manner, 'reply'),
  };
}

/** Returns the lines of a stream: the start, the pieces, the end. */
export function streamTo(request: Frame, manner: Manner): readonly Frame[] {
  const id = idFor(request, manner, 'stream');
  const isLegacy = manner.streaming === 'legacy';
  const pieces = piecesFor(String(request.content)).map((content, index) => ({
    type: isLegacy ? 'chunk' : 'stream_chunk',
    content,
    chunk_index: index,
    ...id,
  }));
  if (isLegacy) return [...pieces, { type: 'complete', ...id }];
  return [{ type: 'stream_start', ...id }, ...pieces, { type: 'stream_end', metadata: {}, ...id }];
}
