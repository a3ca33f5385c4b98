/** One sample of a text in Prometheus's format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A text in Prometheus's format, read. */
export interface Metrics {
  /** By the family's name, in the order of the text. */
  readonly families: ReadonlyMap<
    string,
    { readonly type: string; readonly help: string; readonly unit?: string | undefined }
  >;
  readonly samples: readonly Sample[];
  /** Returns the value of the sample with exactly these labels; `undefined` if there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
  /** Returns the sum of all samples that have these labels, and may have more. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
}

/** Reads a text strictly: an unknown line, a sample outside its family or a sample that is there twice throws. */
export function readSamples(text: string): Metrics {
  const isOpen = text.endsWith('# EOF\n');
  const families = new Map<string, { type: string; help: string; unit?: string }>();
  const samples: Sample[] = [];
  const byKey = new Map<string, number>();
  let family = '';
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '# EOF') continue;
    const about = /^# (HELP|TYPE|UNIT) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
    if (about !== null) {
      const [, what = '', name = '', words = ''] = about;
      if (name !== family && families.has(name)) throw new Error(`${name} is there twice`);
      family = name;
      families.set(name, { ...(families.get(name) ?? { type: '', help: '' }), [what.toLowerCase()]: words });
      continue;
    }
    const sample = readSample(line);
    const type = families.get(family)?.type ?? '';
    if (!namesOf(family, type, isOpen).includes(sample.name)) throw new Error(`not in its family ${family}: ${line}`);
    const key = keyOf(sample.name, sample.labels);
    if (byKey.has(key)) throw new Error(`there twice: ${line}`);
    byKey.set(key, sample.value);
    samples.push(sample);
  }
  return {
    families,
    samples,
    value: (name, labels = {}) => byKey.get(keyOf(name, labels)),
    sum: (name, labels = {}) =>
      samples
        .filter((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
        .reduce((sum, { value }) => sum + value, 0),
  };
}

function namesOf(family: string, type: string, isOpen: boolean): readonly string[] {
  if (type === 'histogram') return ['_bucket', '_sum', '_count'].map((end) => family + end);
  if (isOpen && type === 'counter') return [`${family}_total`];
  return [isOpen && type === 'info' ? `${family}_info` : family];
}

function readSample(line: string): Sample {
  const begin = /^([a-zA-Z_:][\w:]*)(\{)?/.exec(line);
  if (begin === null) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  let at = begin[0].length;
  if (begin[2] !== undefined) {
    const label = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(,|\})/y;
    for (let end = ','; end === ','; ) {
      label.lastIndex = at;
      const found = label.exec(line);
      if (found === null) throw new Error(`bad labels: ${line}`);
      const [whole, name = '', value = ''] = found;
      if (Object.hasOwn(labels, name)) throw new Error(`a label twice: ${line}`);
      labels[name] = value.replace(/\\([\\"n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
      at += whole.length;
      end = found[3] ?? '';
    }
  }
  const value = /^ (-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/.exec(line.slice(at));
  if (value === null) throw new Error(`bad value: ${line}`);
  return { name: begin[1] as string, labels, value: Number((value[1] as string).replace('Inf', 'Infinity')) };
}

function keyOf(name: string, labels: Readonly<Record<string, string>>): string {
  return JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
