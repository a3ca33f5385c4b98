import { readFileSync } from 'node:fs';
import { root } from '../../support/source-files.js';

/** One query of the dashboard. */
export interface PanelQuery {
  readonly panel: string;
  readonly expression: string;
}

interface Target {
  readonly expr: string;
  readonly refId: string;
  readonly datasource: { readonly uid: string };
}

/** The dashboard, as Grafana imports it. */
export interface Dashboard {
  readonly schemaVersion: number;
  readonly id: null;
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly datasource: { readonly uid: string };
    readonly targets: readonly Target[];
  }[];
}

export const dashboard = JSON.parse(readFileSync(`${root}docs/monitoring/grafana.json`, 'utf8')) as Dashboard;
export const alertRules = readFileSync(`${root}docs/monitoring/alerts.yml`, 'utf8');

/** The queries of all panels, with Grafana's variables replaced as with "All" and this interval. */
export function panelQueries(interval: string): readonly PanelQuery[] {
  return dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({
      panel: title,
      expression: expr.replaceAll('$__rate_interval', interval).replace(/\$(?:job|instance|ci)\b/g, '.*'),
    })),
  );
}

/** The expressions of the alerts, by name. */
export const alertExpressions: ReadonlyMap<string, string> = new Map(
  [...alertRules.matchAll(/- alert: (\w+)\n(?: +#.*\n)?( +)expr: (?:\|\n((?:\2 +.*\n)+)|(.*)\n)/g)].map(
    ([, name, , block, line]) => [name as string, (block ?? line ?? '').trim()],
  ),
);
