import { computed, signal } from '@preact/signals';

/** What the page shows; all of it stands in the URL, so that a link shows another the same. */
export interface Route {
  readonly view: View;
  readonly search: string;
  /** A column of the table; with a minus before it, from the greatest down. */
  readonly sort: string;
  /** States that are shown; all, when there are none. */
  readonly states: readonly string[];
  /** The chosen connection. */
  readonly connection: string;
  readonly level: Level;
}

/**
 * How much the service is asked for: what it sums up once a second; each change of a state besides; and of the connection that is
 * looked at each event, too.
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

/** Goes on to what differs; in place of the present entry of the history where it is only a filter. */
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
