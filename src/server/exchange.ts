import type { Frame } from '../contract/index.js';
import { ownAnswer } from './answers.js';
import type { ServedRequest } from './ci-request.js';
import { dialects, type Voice, whole } from './dialects.js';
import { observeHandler } from './observe-handler.js';
import type { CiService } from './options.js';
import type { SocketWriter } from './socket-writer.js';

/** A request being answered. */
export interface Exchange {
  /** The client left: stop the work. */
  cancel(): void;
  /** Calls `fn` when the answer is complete or cancelled; at once when it is already. */
  onEnd(fn: () => void): void;
}

/**
 * Whether a request is answered beside those behind it. A streaming specialist does so with its streams, and that is
 * why their frames carry ids although its replies do not.
 *
 * @internal
 */
export function isConcurrent(request: ServedRequest, service: CiService): boolean {
  return service.manner === 'echoing' || (request.isStream && service.streaming === 'frames');
}

/**
 * Answers a request.
 *
 * @internal
 */
export function exchange(request: ServedRequest, service: CiService, writer: SocketWriter): Exchange {
  const voice = voiceFor(request, service, writer);
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

function voiceFor(request: ServedRequest, service: CiService, writer: SocketWriter): Voice {
  const requestId = isConcurrent(request, service) ? request.raw.request_id : undefined;
  const write = (frame: Frame): void => {
    writer.write(requestId === undefined ? frame : { ...frame, request_id: requestId });
  };
  return { aiId: service.id, requestType: request.type, write };
}
