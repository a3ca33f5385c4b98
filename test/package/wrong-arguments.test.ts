import { describe, expect, test } from 'vitest';
import { expectNoLeaks } from '../support/leaks.js';
import { faultsOf } from './arguments/refuse-all.js';
import type { Row } from './arguments/row.js';
import { rowsOfInspector } from './arguments/rows-of-inspector.js';
import { rowsOfOperators } from './arguments/rows-of-operators.js';
import { rowsOfOtel } from './arguments/rows-of-otel.js';
import { rowsOfPool } from './arguments/rows-of-pool.js';
import { rowsOfPrometheus } from './arguments/rows-of-prometheus.js';
import { rowsOfServers } from './arguments/rows-of-servers.js';
import { rowsOfTekton } from './arguments/rows-of-tekton.js';
import { rowsOfTesting } from './arguments/rows-of-testing.js';
import { rowsOfTransports } from './arguments/rows-of-transports.js';
import { exported, methodsOf, objectsOf, withoutRows } from './arguments/surface.js';
import { makeWorld } from './arguments/world.js';

const parts: Readonly<Record<string, readonly Row[]>> = {
  pool: rowsOfPool,
  operators: rowsOfOperators,
  transports: rowsOfTransports,
  testing: rowsOfTesting,
  inspector: rowsOfInspector,
  otel: rowsOfOtel,
  prometheus: rowsOfPrometheus,
  servers: rowsOfServers,
  tekton: rowsOfTekton,
};

describe.each(Object.entries(parts))(
  '%s: every wrong value is rejected by name, and nothing is sent',
  (_part, rows) => {
    const named = rows.map((row) => [row.of, String(row.names), row] as const);
    test.each(named)('%s: %s', async (_of, _names, row) => {
      const settled = expectNoLeaks();
      expect(await faultsOf(row)).toEqual([]);
      await settled();
    });
  },
);

describe('every public function has rows: a new one needs some, or a reason for having none', () => {
  const called = new Set(Object.values(parts).flatMap((rows) => rows.map(({ of }) => of)));
  const isKnown = (name: string): boolean => called.has(name) || Object.hasOwn(withoutRows, name);

  test('the exported functions', () => {
    expect(Object.keys(exported).filter((name) => !isKnown(name))).toEqual([]);
  });

  test('the methods of returned objects', async () => {
    await using world = makeWorld();
    const objects = await objectsOf(world);
    const unknown = Object.entries(objects).flatMap(([owner, object]) =>
      methodsOf(object)
        .map((method) => [`${owner}.${method}`, method] as const)
        // The methods of a `choragus/tekton` client are exported, too.
        .filter(([name, method]) => !isKnown(name) && !(owner === 'tekton' && isKnown(method)))
        .map(([name]) => name),
    );
    const { inspector, recorder, server, proxy } = objects as Readonly<Record<string, { close(): Promise<void> }>>;
    for (const running of [inspector, recorder, server, proxy]) await running?.close();
    (objects.instrumentation as { disable(): void }).disable();
    expect(unknown).toEqual([]);
  });
});
