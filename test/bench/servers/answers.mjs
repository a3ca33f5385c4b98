const CHAT = '{"type":"chat","content":"';
const REPLY = '{"type":"chat_response","ai_id":"echo","content":"';
const STREAM = '"stream":true';
/** The answers to probes without an id: the frames of a specialist. */
const PROBES = new Map([
  ['{"type":"ping"}', '{"type":"pong","ai_id":"echo","timestamp":1.5}'],
  [
    '{"type":"health"}',
    '{"type":"health_response","ai_id":"echo","status":"healthy","component":"echo","model":"echo:echo","clients":1}',
  ],
  [
    '{"type":"info"}',
    '{"type":"info_response","ai_id":"echo","component":"echo","description":"An echo","model_provider":"echo","model_name":"echo","system_prompt":"...","port":1}',
  ],
]);

/**
 * Returns the echo of one message, as text. A chat is answered without parsing: content and id
 * follow its type, and go back unchanged. A probe without an id is not parsed, either.
 */
export function answersTo(message) {
  if (message.startsWith(CHAT) && !message.includes(STREAM)) return [REPLY + message.slice(CHAT.length)];
  const probed = PROBES.get(message);
  return probed === undefined ? slowAnswersTo(JSON.parse(message)) : [probed];
}

function slowAnswersTo({ type, content, count, size, request_id }) {
  const probed = PROBES.get(`{"type":"${type}"}`);
  if (probed !== undefined) return [JSON.stringify({ ...JSON.parse(probed), request_id })];
  if (type !== 'chat') return [JSON.stringify({ type: 'error', ai_id: 'echo', error: 'unknown type', request_id })];
  const id = JSON.stringify(request_id);
  const head = `{"type":"stream_chunk","request_id":${id},"content":${JSON.stringify(pieceOf(content, size))},"chunk_index":`;
  const chunks = Array.from({ length: count }, (_, index) => `${head}${index}}`);
  return [...chunks, `{"type":"stream_end","request_id":${id}}`];
}

/** Returns the text of each chunk of a stream: the beginning of the question. */
export function pieceOf(content, size) {
  return content.slice(0, size);
}
