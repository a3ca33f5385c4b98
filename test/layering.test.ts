import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readSources, root, type SourceFile } from './support/source-files.js';

const machines = readSources('machines');
/** The inspector's page runs in a browser, and has its own rules. */
const isPage = ({ path }: SourceFile) => path.startsWith('src/inspector/page/');
const everything = readSources('src');
const page = everything.filter(isPage);
const src = everything.filter((file) => !isPage(file));
const all = [...machines, ...src];

/** Returns the ring of a file: its folder. A file at the top of `src` is its own ring. */
function ringOf(path: string): string {
  const [top = '', folder = '', ...rest] = path.split('/');
  if (top === 'machines') return 'machines';
  return rest.length === 0 ? folder.replace(/\.ts$/, '') : folder;
}

/** The rings that each ring may import. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  machines: [],
  errors: [],
  // How every public function checks its arguments.
  checks: ['errors'],
  contract: ['errors'],
  protocol: ['checks', 'contract', 'errors'],
  node: ['errors'],
  operators: ['checks', 'contract', 'errors', 'schedule'],
  transport: ['checks', 'contract', 'errors', 'protocol', 'operators', 'node'],
  // It receives reports and calls no other ring: it knows only words and numbers.
  observe: ['checks', 'contract', 'errors', 'protocol', 'machines'],
  // The four rooms of the runtime, each on top of those before it: when to run; one request; one connection; a whole pool.
  schedule: ['contract'],
  request: ['checks', 'contract', 'errors', 'protocol', 'observe', 'schedule'],
  connection: ['machines', 'contract', 'errors', 'protocol', 'observe', 'schedule', 'request'],
  pool: ['machines', 'checks', 'contract', 'errors', 'protocol', 'observe', 'schedule', 'request', 'connection'],
  server: ['checks', 'contract', 'errors', 'protocol', 'node'],
  proxy: ['checks', 'contract', 'errors', 'protocol', 'node', 'server'],
  inspector: ['checks', 'contract', 'errors', 'machines', 'observe', 'node'],
  // It reads the same families of metrics.
  otel: ['checks', 'contract', 'errors', 'observe', 'node', 'prometheus'],
  prometheus: ['checks', 'contract', 'errors', 'observe', 'node'],
  // Protocols of other programs in front of a pool, and the metrics as one of its paths.
  gateway: ['checks', 'contract', 'errors', 'observe', 'prometheus'],
  testing: ['checks', 'contract', 'errors', 'protocol', 'node', 'transport', 'server'],
  'create-pool': ['contract', 'observe', 'schedule', 'pool', 'transport'],
  // Everything about the original platform. Only the entry, the demo and the command import it: see below.
  tekton: ['checks', 'contract', 'errors', 'operators', 'create-pool', 'gateway', 'inspector'],
  // Shared by the demo and the command: a process with signals and exit codes, and output to a terminal.
  terminal: ['contract', 'errors'],
  demo: ['contract', 'errors', 'create-pool', 'server', 'inspector', 'gateway', 'tekton', 'terminal'],
  cli: [
    'contract',
    'errors',
    'node',
    'create-pool',
    'server',
    'proxy',
    'inspector',
    'prometheus',
    'gateway',
    'machines',
    'tekton',
    'terminal',
    'demo',
  ],
  index: ['contract', 'errors', 'operators', 'transport', 'create-pool', 'server', 'proxy', 'tekton'],
};

/** Packages, and the only places that may import them. */
const packages: Readonly<Record<string, (path: string) => boolean>> = {
  xstate: (path) => ['machines', 'schedule', 'connection', 'pool', 'observe', 'inspector'].includes(ringOf(path)),
  rxjs: (path) => !['machines', 'errors', 'protocol'].includes(ringOf(path)),
  pino: (path) => path === 'src/observe/log.ts',
  ws: (path) => /^src\/(?:inspector|node|server|transport\/websocket)\//.test(path),
  undici: (path) => /^src\/(?:node|transport\/http)\//.test(path),
  '@opentelemetry/api': (path) => path.startsWith('src/otel/'),
  'eventsource-parser': (path) => path.startsWith('src/transport/http/'),
  valibot: (path) =>
    [
      'checks',
      'operators',
      'transport',
      'request',
      'pool',
      'server',
      'proxy',
      'testing',
      'inspector',
      'otel',
      'prometheus',
      'gateway',
    ].includes(ringOf(path)),
};

/** Where Node's modules may be imported: the ends of the wire, and the command. */
const outerRings = [
  'server',
  'proxy',
  'testing',
  'inspector',
  'otel',
  'prometheus',
  'gateway',
  'tekton',
  'terminal',
  'demo',
  'cli',
];
const onNode = ['node', 'transport', 'observe', ...outerRings];

describe('imports', () => {
  test('name files that exist, by their .js name', () => {
    const wrong = all.flatMap(({ path, imports }) =>
      imports
        .filter((each) => each.path !== undefined && !(each.specifier.endsWith('.js') && existsSync(root + each.path)))
        .map(({ specifier }) => `${path}: ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test.each(Object.entries(allowed))('%s imports itself and [%s]', (ring, may) => {
    const wrong = all
      .filter(({ path }) => ringOf(path) === ring)
      .flatMap(({ path, imports }) =>
        imports
          .filter((each) => each.path !== undefined && ![ring, ...may].includes(ringOf(each.path)))
          .map(({ specifier }) => `${path}: ${specifier}`),
      );
    expect(wrong).toEqual([]);
  });

  test('every folder is one of those above', () => {
    const rings = new Set(all.map(({ path }) => ringOf(path)));
    expect([...rings].filter((ring) => !(ring in allowed))).toEqual([]);
  });

  test('the core does not mention the original platform, in no text either; the entry exports three names of it', () => {
    const outside = ['tekton', 'demo', 'cli', 'index'];
    const named = all.filter(({ path }) => !outside.includes(ringOf(path))).filter(({ code }) => /tekton/i.test(code));
    expect(named.map(({ path }) => path)).toEqual([]);
    const entry = src.find(({ path }) => path === 'src/index.ts');
    const ofTekton = entry?.imports.filter((each) => each.path !== undefined && ringOf(each.path) === 'tekton');
    expect(ofTekton?.map(({ specifier }) => specifier)).toEqual([
      './tekton/environment.js',
      './tekton/get-pool.js',
      './tekton/setting.js',
    ]);
  });

  test('no two rings import each other, not even indirectly', () => {
    const edges = Object.entries(allowed).flatMap(([ring, may]) => may.map((other) => [ring, other] as const));
    expect(cyclesIn(edges)).toEqual([]);
  });

  test('no wire imports another; shared code for sockets and HTTP is in folders of its own', () => {
    const wireOf = (path: string) => path.split('/')[2];
    const common = ['socket', 'http'];
    const wrong = src
      .filter(({ path }) => ringOf(path) === 'transport')
      .flatMap(({ path, imports }) =>
        imports
          .filter((each) => each.path?.startsWith('src/transport/'))
          .filter((each) => ![wireOf(path), ...common].includes(wireOf(each.path as string)))
          .map(({ specifier }) => `${path}: ${specifier}`),
      );
    expect(wrong).toEqual([]);
  });

  test('the four rooms and the machines name no concrete transport, in no text either', () => {
    const named = all
      .filter(({ path }) => ['schedule', 'request', 'connection', 'pool', 'machines'].includes(ringOf(path)))
      .filter(({ code }) =>
        /transport\/(?:tcp|memory|websocket)|tcpTransport|memoryTransport|webSocketTransport/.test(code),
      );
    expect(named.map(({ path }) => path)).toEqual([]);
  });

  test('packages are imported only where they belong, and no others', () => {
    const wrong = all.flatMap(({ path, imports }) =>
      imports
        .filter((each) => each.path === undefined && !each.specifier.startsWith('node:'))
        .filter(({ specifier }) => packages[specifier]?.(path) !== true)
        .map(({ specifier }) => `${path}: ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test("only the ends of the wire import Node's modules", () => {
    // A request calls its subscriber in the subscriber's own async context: that is no input or output.
    const isOfAWire = (specifier: string) => specifier.startsWith('node:') && specifier !== 'node:async_hooks';
    const wrong = all.filter(
      ({ path, imports }) => imports.some(({ specifier }) => isOfAWire(specifier)) && !onNode.includes(ringOf(path)),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('make no cycle, including type imports', () => {
    const edges = all.flatMap(({ path, imports }) =>
      imports.flatMap((each) => (each.path !== undefined ? [[path, each.path] as const] : [])),
    );
    expect(cyclesIn(edges)).toEqual([]);
  });
});

describe('the outer rooms', () => {
  test('make no cycle, including type imports', () => {
    const edges = [...all, ...page]
      .filter(({ path }) => [...outerRings, 'node'].includes(ringOf(path)))
      .flatMap(({ path, imports }) =>
        imports.flatMap((each) => (each.path === undefined ? [] : [[path, pathOnDisk(each.path)] as const])),
      );
    expect(cyclesIn(edges)).toEqual([]);
  });
});

/** A `.tsx` file is imported as `.js`, too. */
function pathOnDisk(path: string): string {
  return existsSync(root + path) ? path : path.replace(/\.ts$/, '.tsx');
}

describe("the inspector's page", () => {
  const its = ['preact', 'preact/hooks', '@preact/signals', 'uplot', 'uplot/dist/uPlot.min.css', '@dagrejs/dagre'];
  const isOwn = ({ path = '', kind }: SourceFile['imports'][number]) =>
    path.startsWith('src/inspector/page/') || kind === 'type';

  test('imports its own packages and itself, and only types from the rest', () => {
    const wrong = page.flatMap(({ path, imports }) =>
      imports
        .filter((each) => (each.path === undefined ? !its.includes(each.specifier) : !isOwn(each)))
        .map(({ specifier }) => `${path}: ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test('no file imports it: it is a bundle', () => {
    const wrong = all.filter(({ imports }) => imports.some((each) => each.path?.startsWith('src/inspector/page/')));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('makes no markup from text', () => {
    expect(page.filter(({ code }) => /innerHTML|outerHTML|dangerouslySet|document\.write/.test(code))).toEqual([]);
  });
});

describe('timers', () => {
  /** The clock's own file, its type, and the ends of the wire with timers of their own. */
  const mayHaveTimers = ({ path }: SourceFile) =>
    ['src/schedule/system-clock.ts', 'src/contract/clock.ts'].includes(path) ||
    [
      'transport',
      'server',
      'proxy',
      'testing',
      'terminal',
      'demo',
      'cli',
      'inspector',
      'prometheus',
      'gateway',
    ].includes(ringOf(path));

  test.each([
    ['setTimeout and setInterval', /(?<![.\w])set(?:Timeout|Interval)\s*\(/],
    ['setImmediate', /(?<![.\w])setImmediate\s*\(/],
    ['node:timers', /'node:timers/],
    ['AbortSignal.timeout and AbortSignal.any, which leak', /AbortSignal\.(?:timeout|any)\b/],
  ])('only the clock and the ends of the wire call %s', (_name, pattern) => {
    const wrong = all.filter((file) => !mayHaveTimers(file) && pattern.test(file.code));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('the wire leaks no signals either', () => {
    expect(all.filter(({ code }) => /AbortSignal\.(?:timeout|any)\b/.test(code)).map(({ path }) => path)).toEqual([]);
  });

  test('machines are pure: no time, randomness, log or promise', () => {
    const impure = /\b(?:Date|Math\.random|console|process|performance|Promise|fetch|async|await)\b/;
    expect(machines.filter(({ code }) => impure.test(code)).map(({ path }) => path)).toEqual([]);
  });
});

describe('files', () => {
  // The connection's chart is one literal, because tools that draw and edit it read one literal; it may be longer.
  const maxLines = 400;
  const maxChartLines = 400;
  const linesOf = ({ text }: SourceFile) => text.trimEnd().split('\n').length;

  test(`none is longer than ${maxLines} lines, a chart ${maxChartLines}`, () => {
    const limitOf = ({ path }: SourceFile) => (path.endsWith('.machine.ts') ? maxChartLines : maxLines);
    const wrong = [...all, ...page].filter((file) => linesOf(file) > limitOf(file));
    expect(wrong.map((file) => `${file.path}: ${linesOf(file)}`)).toEqual([]);
  });

  test('have names that say what they contain', () => {
    const nameless = /(?:^|\/)(?:utils?|helpers?|common|types?|misc|shared|constants?)(?:\.ts|\/)/;
    expect(all.filter(({ path }) => nameless.test(path)).map(({ path }) => path)).toEqual([]);
    const kebab = /^[a-z0-9/-]+(?:\.machine)?\.ts$/;
    expect(all.filter(({ path }) => !kebab.test(path)).map(({ path }) => path)).toEqual([]);
  });

  test('are in the folders of the design, and in no other', () => {
    // Output of a build or an install does not count.
    const made = ['node_modules', 'dist', 'coverage'];
    const folders = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !made.includes(entry.name))
      .map(({ name }) => name);
    expect(folders.sort()).toEqual(['docs', 'machines', 'src', 'test']);
  });

  test('src holds no default export, no enum and no namespace', () => {
    const wrong = all.filter(({ code }) =>
      /^export default|^\s*(?:export )?(?:const )?enum\s|^\s*(?:export )?namespace\s/m.test(code),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});

describe('the public entry', () => {
  const entry = src.find(({ path }) => path === 'src/index.ts') as SourceFile;

  test('has only named exports, and no logic', () => {
    const rest = entry.code.replace(/^export (?:type )?\{[\w\s,]*\} from '[^']+';$/gm, '').trim();
    expect(rest).toBe('');
  });

  test('exports these names: adding one is a decision, removing one breaks users', () => {
    const names = [...entry.code.matchAll(/\{([^}]*)\}/g)]
      .flatMap(([, list = '']) => list.split(','))
      .map((name) => name.replace(/\btype\b/, '').trim())
      .filter((name) => name !== '');
    expect(names.sort()).toEqual([...publicNames].sort());
  });
});

/** Returns all cycles of a graph, each as the path that closes it. */
function cyclesIn(edges: readonly (readonly [string, string])[]): string[] {
  const next = new Map<string, string[]>();
  for (const [from, to] of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (node: string, path: readonly string[]): void => {
    if (path.includes(node)) cycles.push([...path.slice(path.indexOf(node)), node].join(' → '));
    if (path.includes(node) || done.has(node)) return;
    for (const other of next.get(node) ?? []) visit(other, [...path, node]);
    done.add(node);
  };
  for (const node of next.keys()) visit(node, []);
  return cycles;
}

const publicNames = [
  'Usage',
  'ToolCallPiece',
  'TraceCarrier',
  'ToolCall',
  'OllamaOptions',
  'ChunkKind',
  'ChatSettings',
  'BroadcastOptions',
  'Channel',
  'ChannelSink',
  'ChatMessage',
  'ChoragusError',
  'Chunk',
  'CiHandler',
  'CiOptions',
  'CiRequest',
  'CiServer',
  'CiStatus',
  'Clock',
  'Code',
  'ConnectionState',
  'ConnectionStateMessage',
  'Incident',
  'IncidentMessage',
  'LateReplyMessage',
  'RequestContext',
  'ConnectionStatus',
  'Delivery',
  'Dial',
  'Distribution',
  'DrainReport',
  'ErrorDetails',
  'ErrorSummary',
  'Frame',
  'Environment',
  'LimitOptions',
  'Limits',
  'ObservableIterator',
  'readEnvironment',
  'ListenOptions',
  'InspectedEvent',
  'InspectionObserver',
  'Logger',
  'Correlation',
  'Message',
  'Metrics',
  'OpenAiOptions',
  'Ordering',
  'OrderingOption',
  'Outcome',
  'Outgoing',
  'PastTransition',
  'OverflowPolicy',
  'Phase',
  'Pool',
  'PoolOptions',
  'PoolSnapshot',
  'Priority',
  'Reply',
  'RequestOptions',
  'ProxyOptions',
  'ProxyServer',
  'ServeCiOptions',
  'ServeContext',
  'ServerTlsOptions',
  'SocketListenOptions',
  'StateChange',
  'StreamOptions',
  'Streaming',
  'Target',
  'TimerHold',
  'Timings',
  'TlsOptions',
  'ToAsyncIterableOptions',
  'Transport',
  'WarmReport',
  'WebSocketOptions',
  'WebSocketServing',
  'WireMessage',
  'codes',
  'collect',
  'createPool',
  'deadline',
  'firstChunkTimeout',
  'getPool',
  'idleTimeout',
  'noRetry',
  'ollamaTransport',
  'openAiTransport',
  'serveCi',
  'serveProxy',
  'text',
  'toAsyncIterable',
  'webSocketTransport',
];
