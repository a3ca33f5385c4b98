import { computed, signal } from '@preact/signals';

/** What the page shows. The URL contains all of it, so that a link shows the same view. */
export interface Route {
  readonly view: View;
  readonly search: string;
  /** The sort column of the table. A minus before it reverses the order. */
  readonly sort: string;
  /** The states that are shown; empty: all. */
  readonly states: readonly string[];
  /** The error codes of which a CI must have had one; empty: all CIs. */
  readonly codes: readonly string[];
  /** True to show only the CIs in trouble. */
  readonly trouble: boolean;
  /** The window of time of the rates and percentiles. */
  readonly window: WindowChoice;
  /** The chosen CI: the fleet shows its details. */
  readonly ci: string;
  /** The chosen connection. */
  readonly connection: string;
  readonly level: Level;
}

/**
 * What the service sends. `summary`: a summary once a second. `states`: also each change of state. `trace`: also each event of the
 * connection that is shown.
 */
export const levels = ['summary', 'states', 'trace'] as const;
export type Level = (typeof levels)[number];

export const views = ['fleet', 'statechart', 'timeline', 'sequence', 'supervision', 'actors'] as const;
export type View = (typeof views)[number];

export const windowChoices = ['m1', 'm5', 'h1'] as const;
export type WindowChoice = (typeof windowChoices)[number];

export const route = signal<Route>(read(location.hash));
export const search = computed(() => route.value.search.toLowerCase());

addEventListener('hashchange', () => {
  route.value = read(location.hash);
});

/**
 * Changes the route. Adds a history entry for a new view, CI or connection; replaces the entry for a filter. `replace`
 * adds none: the cursor of the list passes many CIs.
 */
export function go(change: Partial<Route>, how: 'step' | 'replace' = 'step'): void {
  const next = { ...route.value, ...change };
  const { view, ci, connection } = route.value;
  const isStep = how === 'step' && (next.view !== view || next.ci !== ci || next.connection !== connection);
  const url = hashOf(next);
  if (isStep) history.pushState(null, '', url);
  else history.replaceState(history.state, '', url);
  route.value = next;
}

export function hashOf(route: Route): string {
  const params = new URLSearchParams();
  const set = (name: string, value: string, usual = ''): void => {
    if (value !== usual) params.set(name, value);
  };
  set('search', route.search);
  set('sort', route.sort, 'trouble');
  set('states', route.states.join(','));
  set('codes', route.codes.join(','));
  set('trouble', route.trouble ? 'only' : '');
  set('window', route.window, 'm1');
  set('ci', route.ci);
  set('connection', route.connection);
  set('level', route.level, 'trace');
  return `#${route.view}${params.size > 0 ? `?${params}` : ''}`;
}

export function read(hash: string): Route {
  const [name = '', query = ''] = hash.replace(/^#/, '').split('?');
  const params = new URLSearchParams(query);
  const list = (key: string): string[] => (params.get(key) ?? '').split(',').filter((one) => one !== '');
  return {
    view: views.find((view) => view === name) ?? 'fleet',
    search: params.get('search') ?? '',
    sort: params.get('sort') ?? 'trouble',
    states: list('states'),
    codes: list('codes'),
    trouble: params.get('trouble') === 'only',
    window: windowChoices.find((window) => window === params.get('window')) ?? 'm1',
    ci: params.get('ci') ?? '',
    connection: params.get('connection') ?? '',
    level: levels.find((level) => level === params.get('level')) ?? 'trace',
  };
}
