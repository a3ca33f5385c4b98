import { readFileSync } from 'node:fs';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { families } from '../../../src/prometheus/families.js';
import { prometheusText } from '../../../src/prometheus/index.js';
import { root } from '../../support/source-files.js';
import { NOBODY, useStage } from '../../support/stage.js';
import { alertExpressions, alertRules, dashboard, panelQueries } from './dashboard.js';
import { isPrometheusMissing, promtool } from './prometheus-process.js';

const folder = `${root}docs/monitoring/`;
const ruleTests = readFileSync(`${folder}alerts.test.yml`, 'utf8');
const names = new Set(families.map(({ name }) => name));

describe.skipIf(isPrometheusMissing)("promtool (Debian's package prometheus)", () => {
  const stage = useStage();

  test('check metrics finds nothing in the text', async () => {
    const served = await stage.serve({});
    const pool = stage.pool({ cis: { apollo: served.url, nobody: NOBODY } });
    await firstValueFrom(pool.ask('apollo', 'hello'));
    await firstValueFrom(pool.ask('nobody', 'hello')).catch(() => {});
    for (const maxCis of [0, 1, 200]) {
      await prometheusText(pool, { maxCis });
      expect(promtool(['check', 'metrics'], await prometheusText(pool, { maxCis }))).toEqual({ code: 0, printed: '' });
    }
  });

  test('check metrics does find a fault in a text', () => {
    expect(promtool(['check', 'metrics'], '# TYPE x counter\nx 1\n').code).not.toBe(0);
  });

  test('check rules', () => {
    const { code, printed } = promtool(['check', 'rules', `${folder}alerts.yml`]);
    expect([code, printed]).toEqual([0, expect.stringContaining(`SUCCESS: ${alertExpressions.size} rules found`)]);
  });

  test('test rules', () => {
    expect(promtool(['test', 'rules', `${folder}alerts.test.yml`])).toEqual({
      code: 0,
      printed: expect.stringContaining('SUCCESS'),
    });
  });
});

describe('the alerts', () => {
  test('each have a test in which they fire, and one in which they do not', () => {
    expect(alertExpressions.size).toBe([...alertRules.matchAll(/- alert:/g)].length);
    const tested = [...ruleTests.matchAll(/alertname: (\w+)\n +exp_alerts:( \[\])?/g)];
    for (const alert of alertExpressions.keys()) {
      const how = tested.filter(([, name]) => name === alert).map(([, , none]) => none === undefined);
      expect([...new Set(how)].sort(), alert).toEqual([false, true]);
    }
  });

  test('name only metrics that there are', () => {
    expect(unknownIn([...alertExpressions.values()])).toEqual([]);
  });
});

describe('the dashboard', () => {
  test('is of a kind that Grafana imports, with a variable for the data source', () => {
    expect(dashboard.id).toBeNull();
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
    expect(dashboard.templating.list.find(({ type }) => type === 'datasource')?.name).toBe('datasource');
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { datasource, targets, gridPos } of panels) {
      expect([datasource.uid, ...targets.map((target) => target.datasource.uid)]).toEqual(
        Array(targets.length + 1).fill('$' + '{datasource}'),
      );
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    }
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  test('names only metrics that there are, and every metric but those without a picture', () => {
    const expressions = panelQueries('1m').map(({ expression }) => expression);
    expect(unknownIn(expressions)).toEqual([]);
    const shown = expressions.join('\n');
    const hidden = [...names].filter((name) => !shown.includes(name));
    expect(hidden).toEqual(['choragus_request_timeout_seconds', 'choragus_build_info']);
  });
});

function unknownIn(expressions: readonly string[]): readonly string[] {
  const used = expressions.flatMap((expression) => expression.match(/choragus_\w+/g) ?? []);
  expect(used.length).toBeGreaterThan(5);
  return used.filter((name) => !names.has(name.replace(/_(?:bucket|count|sum)$/, '')) && !names.has(name));
}
