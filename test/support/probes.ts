import type { Frame } from '../../src/index.js';

const answerTypes: Readonly<Record<string, string>> = {
  ping: 'pong',
  health: 'health_response',
  info: 'info_response',
};

/** Whether a request is a probe: a type that is any CI's to answer, and no other field. The pool proves with them that answers come in order. */
export function isProbe(request: Frame): boolean {
  return Object.keys(request).length === 1 && Object.hasOwn(answerTypes, String(request.type));
}

/** What a CI without ids answers to a probe, or to a heartbeat. */
export function probeReply({ type }: Frame): Frame {
  return { type: answerTypes[String(type)], ai_id: 'tested', timestamp: 0 };
}

/** What a CI was asked, without probes and heartbeats. */
export function questionsOf(received: readonly Frame[]): unknown[] {
  return received.filter(({ type }) => !Object.hasOwn(answerTypes, String(type))).map(({ content }) => content);
}
