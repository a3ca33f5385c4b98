/**
 * Runs one example, bundled with `reporting-xstate.mjs`. An example that starts its own actors is left alone. For a module
 * that only exports machines, starts each and sends its events. Tells its parent what the page must show.
 */
import { actors, createActor, payloads } from 'xstate';
import * as example from '#example';

/** Time for the example's own delays, in ms. */
const RUN_MS = 1_000;
const MOST_EVENTS = 12;

const isMachine = (value) =>
  typeof value?.transition === 'function' && value.config !== undefined && value.definition !== undefined;
if (actors.length === 0) for (const machine of Object.values(example).filter(isMachine)) drive(machine);

setTimeout(() => {
  const root = actors.find(({ logic }) => isMachine(logic));
  const snapshot = root?.getSnapshot();
  process.send({
    hasMachine: root !== undefined,
    states: root?.logic.idMap?.size ?? 0,
    status: snapshot?.status,
    context: Object.entries(snapshot?.context ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [key])),
    payload: [...new Set(payloads.get(root?.sessionId))],
  });
}, RUN_MS);
process.on('disconnect', () => process.exit());

function drive(machine) {
  const actor = createActor(machine, { input: {} });
  // An example can reject an event that has not the fields it expects. The page shows the actor all the same.
  actor.subscribe({ error: () => {} });
  actor.start();
  const types = machine.events.filter((type) => !/^xstate\.|\*/.test(type)).slice(0, MOST_EVENTS);
  for (const type of types) actor.send({ type, value: 1, index: 0 });
}
