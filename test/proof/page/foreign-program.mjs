// A program without Choragus: a shop with secrets in its context, and a large machine. Its parent orders its events.
import { createWebSocketInspector } from '@statelyai/inspect';
import { assign, createActor, createMachine } from 'xstate';
import { flatMachine, largeMachine } from '../../support/large-machines.mjs';

const [url, which] = process.argv.slice(2);
const { inspect } = createWebSocketInspector({ url });
const shop = createMachine({
  id: 'shop',
  initial: 'browsing',
  context: {
    user: { name: 'Ada', email: 'ada@shop.example', password: 'hunter2' },
    basket: [],
    notes: 'n'.repeat(5_000),
  },
  states: {
    browsing: {
      on: {
        add: { actions: assign({ basket: ({ context, event }) => [...context.basket, event.item] }) },
        pay: 'paying',
      },
    },
    paying: {},
  },
});
const actor = createActor({ shop, large: largeMachine, flat: flatMachine }[which], { inspect });
actor.start();
process.on('message', (event) => actor.send(event));
process.on('disconnect', () => process.exit());
