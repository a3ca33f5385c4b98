import type { Frame } from '../../src/index.js';

const answerTypes: Readonly<Record<string, string>> = {
  ping: 'pong',
  health: 'health_response',
  info: 'info_response',
};

/**
 * Whether a request is a probe: a type that every CI may answer, and no other field. The pool uses probes to prove that answers come in
 * order.
 */
export function isProbe(request: Frame): boolean {
  return Object.keys(request).length === 1 && Object.hasOwn(answerTypes, String(request.type));
}

/** Returns the answer of a CI without ids to a probe or a heartbeat. */
export function probeReply({ type }: Frame): Frame {
  return { type: answerTypes[String(type)], ai_id: 'tested', timestamp: 0 };
}

/** Returns the requests that a CI received, without probes and heartbeats. */
export function questionsOf(received: readonly Frame[]): unknown[] {
  return received.filter(({ type }) => !Object.hasOwn(answerTypes, String(type))).map(({ content }) => content);
}
