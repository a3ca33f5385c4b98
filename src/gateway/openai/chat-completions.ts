import { eventStream } from '../answer-stream.js';
import { askModel } from '../ask-model.js';
import { wholeAnswer } from '../asking.js';
import type { Call } from '../call.js';
import { streamAnswer } from '../stream-answer.js';
import { ChunkWriter, completionOf, headOf } from './completion.js';
import { readChat } from './read-chat.js';

/** Answers `POST /v1/chat/completions`. */
export async function chatCompletions(call: Call): Promise<void> {
  const { model, question, isStream, includeUsage } = readChat(await call.body());
  const head = headOf(model);
  const begin = askModel(call, model, question);
  if (isStream) return streamAnswer(call, eventStream, begin, new ChunkWriter(head, includeUsage));
  call.send(completionOf(head, await wholeAnswer(begin)));
}
