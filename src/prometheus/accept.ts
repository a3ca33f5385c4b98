/** The content types of the two formats, for a service that answers a scrape itself. */
export const contentTypes = {
  /** The type of Prometheus's text, which `prometheusText` returns by default. */
  text: 'text/plain; version=0.0.4; charset=utf-8',
  /** The type of OpenMetrics 1.0. */
  openMetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const;

interface Choice {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly q: number;
}

/** Returns the format that an `Accept` header prefers. If it names none of the two: the text. */
export function formatFor(accept: string | undefined): 'text' | 'openMetrics' {
  let best: 'text' | 'openMetrics' = 'text';
  let bestQ = 0;
  for (const { name, parameters, q } of choicesOf(accept)) {
    const version = parameters.get('version');
    const isOpen = name === 'application/openmetrics-text' && [undefined, '1.0.0', '0.0.1'].includes(version);
    if (!isOpen && !['text/plain', 'text/*', '*/*'].includes(name)) continue;
    if (q > bestQ) {
      best = isOpen ? 'openMetrics' : 'text';
      bestQ = q;
    }
  }
  return best;
}

/** Returns whether an `Accept-Encoding` header permits gzip. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const choices = choicesOf(acceptEncoding);
  const choice = choices.find(({ name }) => name === 'gzip') ?? choices.find(({ name }) => name === '*');
  return choice !== undefined && choice.q > 0;
}

function choicesOf(header: string | undefined): readonly Choice[] {
  return (header ?? '').split(',').flatMap((part) => {
    const [name = '', ...rest] = part.split(';').map((word) => word.trim().toLowerCase());
    if (name === '') return [];
    const parameters = new Map(rest.map((word) => word.split('=', 2) as [string, string]));
    const q = Number(parameters.get('q') ?? 1);
    return [{ name, parameters, q: q >= 0 && q <= 1 ? q : 0 }];
  });
}
