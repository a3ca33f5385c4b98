import type { Frame } from '../contract/index.js';
import { lineWithId } from '../protocol/raw-line.js';
import { ownAnswer } from './answers.js';
import type { ServedRequest } from './ci-request.js';
import { type AnswerWriter, dialects, whole } from './dialects.js';
import { observeHandler } from './observe-handler.js';
import type { CiService } from './options.js';
import { areAnswersWatched, ServeTrace } from './serve-trace.js';
import type { SocketWriter } from './socket-writer.js';

/** A request that is being answered. */
export interface RunningAnswer {
  /** Stops the handler's work, because the client has left. */
  cancel(): void;
  /** Calls `fn` when the answer is complete or cancelled. Calls it at once if that has happened already. */
  onEnd(fn: () => void): void;
}

/**
 * Answers a request: calls the handler, and writes its answer as frames.
 *
 * @param id - The `request_id` for each frame, as JSON text. `undefined`: frames carry no id.
 * @internal
 */
export function answerRequest(
  request: ServedRequest,
  id: string | undefined,
  service: CiService,
  writer: SocketWriter,
): RunningAnswer {
  const answerWriter = answerWriterFor(request, id, service, writer);
  const own = ownAnswer(request.type, service);
  if (own !== undefined) {
    answerWriter.write(own);
    return { cancel: () => {}, onEnd: (fn) => fn() };
  }
  const dialect = request.isStream ? dialects[service.streaming] : whole;
  const answer = observeHandler(service.handler, request, writer);
  const observer = dialect(answerWriter);
  const trace = areAnswersWatched() ? new ServeTrace(service.id, request) : undefined;
  const subscription = trace === undefined ? answer.subscribe(observer) : trace.answer(answer, observer);
  return {
    cancel: () => {
      request.clientLeft();
      subscription.unsubscribe();
      trace?.cancelled();
    },
    onEnd: (fn) => subscription.add(fn),
  };
}

function answerWriterFor(
  request: ServedRequest,
  id: string | undefined,
  service: CiService,
  writer: SocketWriter,
): AnswerWriter {
  const write = (frame: Frame): void => writer.writeLine(lineWithId(frame, id));
  return { aiId: service.id, requestType: request.type, write };
}
