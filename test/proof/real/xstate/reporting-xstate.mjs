/** Stands for `xstate` in the examples: the package itself, whose actors also report to the inspector at INSPECT_URL. */
import { createWebSocketInspector } from '@statelyai/inspect';
import { createActor as createOriginal } from 'xstate';

export * from 'xstate';

const { inspect } = createWebSocketInspector({ url: process.env.INSPECT_URL });
/** The actors of the example, in the order of their creation. */
export const actors = [];
/** The events with fields that an actor received, by its session id. */
export const payloads = new Map();

export function createActor(logic, options) {
  const actor = createOriginal(logic, {
    ...options,
    inspect: (event) => {
      note(event);
      inspect.next(event);
    },
  });
  actors.push(actor);
  return actor;
}

function note({ type, event, actorRef }) {
  if (type !== '@xstate.event') return;
  const { type: _, ...fields } = event;
  // JSON has no undefined.
  const keys = Object.keys(fields).filter((key) => fields[key] !== undefined);
  if (keys.length > 0) payloads.set(actorRef.sessionId, [...(payloads.get(actorRef.sessionId) ?? []), ...keys]);
}
