/** What happens to the CIs, and what the programs ask meanwhile. */
import { modelOf, NAMES } from './names.mjs';
import {
  all,
  belated,
  chats,
  checked,
  dying,
  forEach,
  frozen,
  odds,
  PATIENCE,
  questions,
  team,
  usual,
} from './tasks.mjs';

/**
 * In order. A scenario begins with `act`; then come its `stages`, one after the other, with the programs of each side by side,
 * and `during` beside the first. `background` begins with them, and its outcomes are awaited when the scenario `until` begins.
 * With `answers`, the specialists must answer every program; with `asksTheSame`, the models must receive the same questions, too.
 */
export const scenarios = [
  {
    name: 'up',
    stages: usual(NAMES, {
      checks: checked('hermes'),
      teamTimeout: 10,
      extra: {
        ...forEach(chats, { asks: questions(NAMES, 10, odds(50_000)), timeout: PATIENCE }),
        // It passes an answer on in pieces of 50 characters, with a pause of 50 ms after each.
        'socket client, stream': { asks: questions(NAMES, 10, odds(2_000)), timeout: PATIENCE },
      },
    }),
    answers: true,
    asksTheSame: true,
  },
  {
    name: 'frozen',
    act: (world) => world.freeze('sophia'),
    stages: [
      {
        ...forEach(all, frozen),
        ...forEach(['health monitor', 'unified registry', 'discovery service'], {
          ...frozen,
          asks: questions(['sophia'], 1),
        }),
        'pool, team': { asks: questions(['sophia'], 2), timeout: 2 },
        'health monitor, loop': { asks: [], timeout: 7 },
      },
      team,
    ],
    // Their own timeouts are 30 s and 5 s, for each of several tries.
    background: { aish: { asks: questions(['sophia'], 2) }, 'ai-discover': { asks: questions(['sophia'], 1) } },
    until: 'thawed',
  },
  {
    name: '40 at once',
    stages: [
      forEach(['socket client, stream', 'socket client, ping', 'raw lines'], {
        asks: questions(['hermes'], 40, ['[[slow=1500]] question #?']),
        timeout: 10,
      }),
    ],
    answers: true,
    asksTheSame: true,
  },
  { name: 'answers too late', stages: [forEach(chats, belated('rhetor', '[[slow=1800]]'))], asksTheSame: true },
  { name: 'never answers', stages: [forEach(chats, belated('hermes', '[[hang]]'))], asksTheSame: true },
  {
    name: 'killed while it answers',
    stages: [
      {
        ...forEach([...chats, 'raw lines'], dying('metis', 10)),
        // A CI of its own: the command takes a while to start.
        aish: dying('rhetor', 2),
      },
    ],
    during: async (world) => {
      const killed = async (name, waiting) => waiting.then(() => world.kill(name));
      const { model } = world;
      await Promise.all([
        killed('metis', model.untilQuiet(2_000)),
        killed('rhetor', model.untilAsked(modelOf('rhetor'), 2)),
      ]);
    },
  },
  {
    name: 'down',
    // Killed while nothing is asked: the clients' connections to athena are idle.
    act: (world) => world.kill('athena'),
    stages: usual(['athena', 'metis']),
    asksTheSame: true,
  },
  {
    name: 'restarted',
    act: (world) => Promise.all(['athena', 'metis', 'rhetor'].map((name) => world.restart(name))),
    stages: usual(['athena', 'metis'], { checks: checked('metis') }),
    answers: true,
    asksTheSame: true,
  },
  {
    name: 'thawed',
    act: async (world) => {
      world.thaw('sophia');
      // Specialists work for clients that are gone, too.
      await world.model.untilQuiet(1_000);
    },
    stages: usual(['sophia'], { teamTimeout: 10 }),
    answers: true,
  },
];
