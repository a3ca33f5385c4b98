import { NEVER } from 'rxjs';
import * as machines from '../../../machines/index.js';
import * as main from '../../../src/index.js';
import * as inspector from '../../../src/inspector/index.js';
import * as otel from '../../../src/otel/index.js';
import * as prometheus from '../../../src/prometheus/index.js';
import * as tekton from '../../../src/tekton/index.js';
import * as testing from '../../../src/testing/index.js';
import { ci, connection, peer, request } from './rows-of-testing.js';
import type { World } from './world.js';

/** Everything the package exports, by name. */
export const exported: Readonly<Record<string, unknown>> = {
  ...main,
  ...testing,
  ...tekton,
  ...inspector,
  ...otel,
  ...prometheus,
  ...machines,
};

/** Functions without a row, with the reason. */
export const withoutRows: Readonly<Record<string, string>> = {
  codes: 'a list',
  contentTypes: 'a record of texts',
  faults: 'a record of functions, each with a row of its own',
  connectionMachine: "a machine: called by xstate, with what xstate's own types say",
  poolMachine: 'the same',
  orderingMachine: 'the same',
  getPool: 'takes nothing',
  'pool.snapshot': 'takes nothing',
  'peer.fail': 'takes anything as its cause',
  'peer.close': 'takes nothing',
  'peer.receive': 'internal',
  'wire.refusal': 'called by the pool, with what it has read',
  'transport.prepare': 'its rows are under the name of its transport',
  'transport.refusal': 'called by the pool, with what it has read',
  'clock.now': 'takes nothing',
  'clock.nextTimerInMs': 'takes nothing',
  'clock.clearTimeout': 'takes anything, and clears what it knows, as Node does',
  'ci.listen': 'internal',
  'ci.nextConnection': 'takes nothing',
  'ci.nextRequest': 'takes nothing',
  'ci.closed': 'takes nothing',
  'ci.close': 'takes nothing',
  'connection.close': 'takes nothing',
  'connection.reset': 'takes nothing',
  'connection.pause': 'takes nothing',
  'connection.resume': 'takes nothing',
  'faults.hangs': 'takes nothing',
  'faults.closesAfterAccept': 'takes nothing',
  'faults.halfOpen': 'takes nothing',
  'faults.resets': 'takes nothing',
  'faults.cutOff': 'takes nothing',
  'faults.garbage': 'takes nothing',
  'faults.notAnObject': 'takes nothing',
  'faults.splitBytes': 'takes nothing',
  'faults.slowLoris': 'takes nothing',
  'inspector.close': 'takes nothing',
  'inspector.endSessions': 'takes nothing',
  'recorder.close': 'takes nothing',
  'server.close': 'takes nothing',
  'instrumentation.disable': 'takes nothing',
  'producer.collect': 'takes nothing',
  'iterator.next': 'takes nothing',
  'iterator.return': 'takes nothing',
  'iterator.throw': 'takes anything as its error',
};

/** Returned objects with their own methods, by the name of their rows. */
export async function objectsOf({ pool, wire, folder }: World): Promise<Readonly<Record<string, object>>> {
  return {
    pool,
    wire,
    peer: peer(),
    clock: new testing.ManualClock(),
    ci: ci(),
    connection: connection(),
    request: request(),
    faults: testing.faults,
    late: testing.faults.late(),
    inspector: await inspector.startInspector(pool),
    recorder: inspector.recordTo(pool, `${folder}/fleet.ndjson`),
    server: await main.serveCi({ id: 'hermes', handler: () => '' }),
    proxy: await main.serveProxy(pool, { listen: {} }),
    instrumentation: otel.instrument(pool),
    producer: otel.metricProducer(pool),
    iterator: main.toAsyncIterable(NEVER),
    error: new main.ChoragusError('closed', 'a message'),
    transport: main.webSocketTransport(),
    tekton: tekton.createTektonClient({ pool: () => pool }),
  };
}

/** Returns the names of an object's methods. */
export function methodsOf(object: object): readonly string[] {
  const names = new Set<string>();
  for (let part: object | null = object; part !== null; part = Object.getPrototypeOf(part)) {
    if (part === Object.prototype || part === Error.prototype || part === Function.prototype) break;
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(part))) {
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
    }
  }
  return [...names];
}
