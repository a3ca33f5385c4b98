import type { Frame } from '../../src/index.js';

const answerTypes: Readonly<Record<string, string>> = {
  ping: 'pong',
  health: 'health_response',
  info: 'info_response',
};

/** Whether a request is a probe of the pool's fence: a type that is any CI's to answer, and no other field. */
export function isProbe(request: Frame): boolean {
  return Object.keys(request).length === 1 && Object.hasOwn(answerTypes, String(request.type));
}

/** What a CI without ids answers to a probe, or to a heartbeat. */
export function probeReply({ type }: Frame): Frame {
  return { type: answerTypes[String(type)], ai_id: 'model', timestamp: 0 };
}
