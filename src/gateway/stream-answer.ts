import type { AnswerStream, StreamForm } from './answer-stream.js';
import type { Answer, Begin, Cancel, Piece } from './asking.js';
import type { Call } from './call.js';
import type { Fault } from './refusal.js';

/** Turns an answer into a dialect's stream. Each method returns what to send; an empty text sends nothing. */
export interface StreamWriter {
  piece(piece: Piece): string;
  end(answer: Answer): string;
  /** Called for a failure after the first piece. */
  failure(fault: Fault): string;
}

/**
 * Streams an answer to a client. Settles when the stream is over, or its client has left. Rejects with a failure before
 * the first piece, which then gets a status of its own.
 */
export function streamAnswer(call: Call, form: StreamForm, begin: Begin, writer: StreamWriter): Promise<void> {
  return new Promise((resolve, reject) => {
    let cancel: Cancel = () => {};
    const fail = (error: unknown): void => {
      cancel();
      if (!stream.isBegun) return reject(error);
      stream.end(writer.failure(call.failed(error)));
      resolve();
    };
    const stream: AnswerStream = call.stream(form, fail);
    cancel = begin({
      piece: (piece) => {
        const text = writer.piece(piece);
        if (text !== '') stream.write(text);
      },
      answer: (answer) => {
        stream.end(writer.end(answer));
        resolve();
      },
      failed: fail,
    });
    call.onOver(resolve);
  });
}
