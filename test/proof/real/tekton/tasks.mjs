/** The questions of the programs: the CI and the text of each, and the timeout in seconds. */

export const chats = ['socket client', 'socket client, stream', 'pool'];
const monitors = ['health monitor', 'unified registry', 'registry client', 'discovery service'];
export const all = [...chats, 'socket client, ping', 'socket client, persistent connection', ...monitors, 'raw lines'];
/** Timeout in seconds for a client that should get an answer: enough for a busy machine. */
export const PATIENCE = 20;

/** Returns `count` questions; the CIs and the texts take turns. */
export function questions(cis, count, texts = ['Question #?']) {
  return Array.from({ length: count }, (_, at) => ({
    ci: cis[at % cis.length],
    text: texts[at % texts.length].replace('#', String(at + 1)),
  }));
}

/** The same task for several programs. */
export const forEach = (programs, task) => Object.fromEntries(programs.map((program) => [program, task]));

export const team = { 'aish, team-chat': { asks: [{ text: 'Question to the team?' }] } };
export const checked = (ci) => ({
  'pool, health checks': { asks: questions([ci], 4, ['[[slow=1500]] question #?', 'Question #?']), timeout: PATIENCE },
});

/** The questions of every program to CIs that are up, or down. `extra` has other tasks for the chats. */
export function usual(cis, { extra = {}, checks = {}, teamTimeout = 5 } = {}) {
  const asks = questions(cis, 10);
  const talk = {
    ...forEach([...chats, 'socket client, ping', 'socket client, persistent connection'], { asks, timeout: PATIENCE }),
    ...forEach(['raw lines', 'raw lines, half-closed'], { asks: cis.map((ci) => ({ ci })), timeout: PATIENCE }),
    ...extra,
  };
  // Their own timeouts are short: they run when the machine is quiet again.
  const watch = {
    ...forEach(monitors, { asks, timeout: 5 }),
    'health monitor, loop': { asks: [], timeout: 3 },
    'pool, team': { asks: questions(cis, 1), timeout: teamTimeout },
    ...checks,
  };
  const commands = {
    aish: { asks: questions(cis, 2) },
    'aish, shell': { asks: questions(cis, 8) },
    'ai-discover': { asks: questions(cis, 1) },
  };
  return [talk, watch, commands, team];
}

/** Answers that are long, have unusual characters, or are a failure of the model; and a question without a text. */
export const odds = (length) => [
  'Question #?',
  '[[odd]] question #?',
  `[[long=${length}]] question #?`,
  '[[status=500]] question #?',
  '',
];

/** A question that is cancelled after 1 s, then one that must not get the answer of the first; three times, one by one. */
export function belated(ci, directive) {
  const pair = (at) => [
    { ci, text: `${directive} question ${at}?`, timeout: 1 },
    { ci, text: `Question ${at}?` },
  ];
  return { asks: [1, 2, 3].flatMap(pair), timeout: PATIENCE, oneByOne: true };
}

export const frozen = { asks: questions(['sophia'], 4), timeout: 1 };
export const dying = (ci, count) => ({
  asks: questions([ci], count, ['[[slow=30000]] question #?']),
  timeout: PATIENCE,
});
