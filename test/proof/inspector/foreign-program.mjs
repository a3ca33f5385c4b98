/**
 * A program without Choragus that reports to an inspector as the package documents: machines as in xstate's own examples. Its
 * argument is the URL. It ends with its standard input.
 */
import { createWebSocketInspector } from '@statelyai/inspect';
import { assign, createActor, createMachine, fromPromise, setup } from 'xstate';

const { inspect } = createWebSocketInspector({ url: process.argv[2] });

const child = createMachine({
  id: 'child',
  initial: 'working',
  states: { working: { on: { finish: 'finished' } }, finished: { type: 'final' } },
});
const player = setup({
  actors: { child, load: fromPromise(async () => 'loaded') },
  actions: { begin: assign({ plays: ({ context }) => context.plays + 1 }) },
  guards: { isLoud: ({ context }) => context.plays > 0 },
}).createMachine({
  id: 'player',
  description: 'Plays.',
  context: { plays: 0 },
  type: 'parallel',
  states: {
    track: {
      initial: 'paused',
      states: {
        paused: { description: 'Silent.', on: { play: { target: 'playing', actions: 'begin' } } },
        playing: {
          initial: 'slow',
          invoke: [{ src: 'child', id: 'worker' }, { src: 'load' }],
          on: { pause: 'paused' },
          after: { 60000: 'paused' },
          states: { slow: { on: { faster: 'fast' } }, fast: {} },
        },
      },
    },
    volume: {
      initial: 'normal',
      states: {
        normal: { on: { mute: { target: 'muted', guard: 'isLoud' } } },
        muted: { on: { unmute: 'last' } },
        last: { type: 'history', history: 'deep' },
      },
    },
  },
});

const actor = createActor(player, { inspect, systemId: 'player' });
actor.start();
for (const type of ['play', 'faster', 'mute']) actor.send({ type });
const spawned = createActor(child, { inspect });
spawned.start();
spawned.send({ type: 'finish' });
process.stdin.on('end', () => process.exit()).resume();
