import { computed, signal } from '@preact/signals';

/** What the page shows. The URL contains all of it, so that a link shows the same view. */
export interface Route {
  readonly view: View;
  readonly search: string;
  /** The sort column of the table. A minus before it sorts in descending order. */
  readonly sort: string;
  /** The states that are shown; empty: all. */
  readonly states: readonly string[];
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

export const route = signal<Route>(read(location.hash));
export const search = computed(() => route.value.search.toLowerCase());

addEventListener('hashchange', () => {
  route.value = read(location.hash);
});

/** Changes the route. Adds a history entry for a new view or connection; replaces the entry for a filter. */
export function go(change: Partial<Route>): void {
  const next = { ...route.value, ...change };
  const isStep = next.view !== route.value.view || next.connection !== route.value.connection;
  const url = hashOf(next);
  if (isStep) history.pushState(null, '', url);
  else history.replaceState(null, '', url);
  route.value = next;
}

export function hashOf({ view, search: text, sort, states, connection, level }: Route): string {
  const params = new URLSearchParams();
  if (text !== '') params.set('search', text);
  if (sort !== 'ci') params.set('sort', sort);
  if (states.length > 0) params.set('states', states.join(','));
  if (connection !== '') params.set('connection', connection);
  if (level !== 'trace') params.set('level', level);
  return `#${view}${params.size > 0 ? `?${params}` : ''}`;
}

export function read(hash: string): Route {
  const [name = '', query = ''] = hash.replace(/^#/, '').split('?');
  const params = new URLSearchParams(query);
  return {
    view: views.find((view) => view === name) ?? 'fleet',
    search: params.get('search') ?? '',
    sort: params.get('sort') ?? 'ci',
    states: (params.get('states') ?? '').split(',').filter((state) => state !== ''),
    connection: params.get('connection') ?? '',
    level: levels.find((level) => level === params.get('level')) ?? 'trace',
  };
}
