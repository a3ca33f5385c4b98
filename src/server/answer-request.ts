import type { Frame } from '../contract/index.js';
import { lineWithId } from '../protocol/raw-line.js';
import { ownAnswer } from './answers.js';
import type { ServedRequest } from './ci-request.js';
import { dialects, type Voice, whole } from './dialects.js';
import { observeHandler } from './observe-handler.js';
import type { CiService } from './options.js';
import type { SocketWriter } from './socket-writer.js';

/** A request being answered. */
export interface RunningAnswer {
  /** The client left: stop the work. */
  cancel(): void;
  /** Calls `fn` when the answer is complete or cancelled; at once when it is already. */
  onEnd(fn: () => void): void;
}

/**
 * Answers a request.
 *
 * @param id - Goes on each frame, as this JSON text; `undefined` for none.
 * @internal
 */
export function answerRequest(
  request: ServedRequest,
  id: string | undefined,
  service: CiService,
  writer: SocketWriter,
): RunningAnswer {
  const voice = voiceFor(request, id, service, writer);
  const own = ownAnswer(request.type, service);
  if (own !== undefined) {
    voice.write(own);
    return { cancel: () => {}, onEnd: (fn) => fn() };
  }
  const dialect = request.isStream ? dialects[service.streaming] : whole;
  const subscription = observeHandler(service.handler, request, writer).subscribe(dialect(voice));
  return {
    cancel: () => {
      request.clientLeft();
      subscription.unsubscribe();
    },
    onEnd: (fn) => subscription.add(fn),
  };
}

function voiceFor(request: ServedRequest, id: string | undefined, service: CiService, writer: SocketWriter): Voice {
  const write = (frame: Frame): void => writer.writeLine(lineWithId(frame, id));
  return { aiId: service.id, requestType: request.type, write };
}
