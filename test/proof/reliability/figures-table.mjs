import { cpus } from 'node:os';

const number = (value) => value.toLocaleString('en-US');

/** Returns the figures of the last run as Markdown; a proof that did not run has no row. */
export function figuresTable(figures) {
  const lines = rows.flatMap(([title, command, tell]) => {
    const said = tell(figures);
    return said === undefined ? [] : [`| ${title} | ${said} | \`${command}\` |`];
  });
  const head = [
    `Last run: ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} cores.`,
    '',
    '| test | result of the last run | command |',
    '| --- | --- | --- |',
  ];
  return `${[...head, ...lines, '', ...survivorLines(figures)].join('\n')}\n`;
}

const rows = [
  ['stories', 'npm run proof', ({ stories }) => stories && told(stories)],
  ['orders of events', 'npm run proof', ({ orders }) => orders && told(orders)],
  [
    'paths of the models',
    'npx vitest run test/proof/model',
    (figures) =>
      figures['model-connection'] &&
      ['connection', 'pool'].map((name) => modelOf(name, figures[`model-${name}`])).join('; '),
  ],
  [
    'cells of the fault product',
    'npx vitest run test/proof/faults',
    (figures) => {
      const cells = sumOf(
        Object.keys(figures).filter((name) => name.startsWith('cells-')),
        (name) => figures[name].cells,
      );
      return cells === 0 ? undefined : `${number(cells)}, over real TCP`;
    },
  ],
  [
    'a link that loses packets',
    'npx vitest run test/proof/faults/packet-loss.test.ts',
    (figures) => {
      const { 'loss-fifo': fifo, 'loss-echoing': echoing } = figures;
      if (fifo === undefined || echoing === undefined) return undefined;
      const requests = fifo.requests + echoing.requests;
      return `${number(requests)} requests over a link that loses ${fifo.lossPercent} % of all packets each way, ${number(fifo.answered + echoing.answered)} answered, each with the expected result`;
    },
  ],
  [
    'CIs killed, frozen and restarted under load',
    'KILL_SECONDS=60 npx vitest run test/proof/kill',
    ({ kill }) => {
      if (kill === undefined) return undefined;
      const ends = Object.entries(kill).map(([how, count]) => `${number(count)} ${wordOf(how)}`);
      return `${number(sumOf(Object.values(kill), (count) => count))} requests: ${ends.join(', ')}; the records of both sides agree`;
    },
  ],
  [
    '1,000 CIs restart at once',
    'npx vitest run test/proof/storms',
    (figures) => {
      const { 'storm-tcp': tcp, storm } = figures;
      if (tcp === undefined || storm === undefined) return undefined;
      return `over TCP ${number(tcp.dials)} dials, at most ${tcp.most} at once (cap ${tcp.maxDials}); in virtual time ${number(storm.dials)}; ${number(tcp.requests + storm.requests)} requests ended in time`;
    },
  ],
  [
    'soak',
    'npm run soak',
    ({ soak }) => {
      if (soak === undefined) return undefined;
      const { seconds, users, wrong, trends } = soak;
      const flat = Object.entries(trends).map(
        ([name, { perSecond, noise }]) => `${name} ${perSecond} ± ${noise} a second`,
      );
      return `${number(seconds)} s, ${number(users.asked)} requests, ${number(users.answered)} answers and chunks, ${wrong} wrong; last half: ${flat.join(', ')}; nothing left after close`;
    },
  ],
  [
    'mutation',
    'npm run mutation',
    ({ mutation }) =>
      mutation &&
      Object.entries(mutation)
        .map(([part, { percent, detected, mutants }]) => `${part} ${percent} % (${detected} of ${mutants})`)
        .join(', '),
  ],
];

/** `maybe_sent` → `maybe sent`; `given up` → `cancelled`. */
function wordOf(how) {
  return how === 'given up' ? 'cancelled' : how.replace('_', ' ');
}

function told({ stories, commands, requests, answered, failed, givenUp, seed }) {
  return `${number(stories)} with ${number(commands)} commands; ${number(requests)} requests: ${number(answered)} answered, ${number(failed)} failed as expected, ${number(givenUp)} cancelled; seed ${seed}`;
}

function modelOf(name, { states, transitions, paths }) {
  return `${name}: all ${states} states and ${transitions} transitions, ${paths} paths`;
}

function survivorLines({ mutation }) {
  if (mutation === undefined) return [];
  const reasons = new Map();
  for (const [part, figures] of Object.entries(mutation)) {
    for (const [reason, count] of Object.entries(figures.reasons)) reasons.set(`${part} | ${reason}`, count);
  }
  const lines = [...reasons].map(([where, count]) => `| ${count} | ${where} |`);
  return ['Mutants that survived:', '', '| mutants | in | why |', '| --- | --- | --- |', ...lines];
}

function sumOf(items, of) {
  return items.reduce((sum, item) => sum + of(item), 0);
}
