const CHAT = '{"type":"chat","content":"';
const REPLY = '{"type":"chat_response","ai_id":"echo","content":"';
const STREAM = '"stream":true';

/**
 * What an echo answers to one message, given and taken as text. A chat is answered without parsing it: content and id
 * stand behind its type, and go back as they came.
 */
export function answersTo(message) {
  if (!message.startsWith(CHAT) || message.includes(STREAM)) return slowAnswersTo(JSON.parse(message));
  return [REPLY + message.slice(CHAT.length)];
}

function slowAnswersTo({ type, content, count, size, request_id }) {
  if (type === 'ping') return [JSON.stringify({ type: 'pong', ai_id: 'echo', request_id })];
  if (type !== 'chat') return [JSON.stringify({ type: 'error', ai_id: 'echo', error: 'unknown type', request_id })];
  const id = JSON.stringify(request_id);
  const head = `{"type":"stream_chunk","request_id":${id},"content":${JSON.stringify(pieceOf(content, size))},"chunk_index":`;
  const chunks = Array.from({ length: count }, (_, index) => `${head}${index}}`);
  return [...chunks, `{"type":"stream_end","request_id":${id}}`];
}

/** The text of each chunk of a stream: the beginning of what was asked. */
export function pieceOf(content, size) {
  return content.slice(0, size);
}
