import { type Buckets, bucketBounds } from './buckets.js';
import type { Family } from './families.js';

/** The CI label of those that have no name of their own. */
export const OTHER = '_other';

/** Returns a label's value as the text has it: backslashes, quotes and line ends are escaped. */
export function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

/** Returns the label of a CI, without braces. */
export function ciLabel(ci: string): string {
  return `ci="${escaped(ci)}"`;
}

/** Returns one sample's line. */
export function sample(name: string, ci: string, labels: string, value: number): string {
  const all = ci !== '' && labels !== '' ? `${ci},${labels}` : ci + labels;
  return all === '' ? `${name} ${value}\n` : `${name}{${all}} ${value}\n`;
}

const bounds = [...bucketBounds.map(String), '+Inf'].map((bound) => `le="${bound}"} `);

/** Returns the lines of a histogram. */
export function histogramSamples(name: string, ci: string, { below, count, sumMicros }: Buckets): string {
  const begin = `${name}_bucket{${ci === '' ? '' : `${ci},`}`;
  let text = '';
  for (let i = 0; i < below.length; i += 1) text += `${begin}${bounds[i]}${below[i]}\n`;
  text += `${begin}${bounds[below.length]}${count}\n`;
  return text + sample(`${name}_sum`, ci, '', sumMicros / 1e6) + sample(`${name}_count`, ci, '', count);
}

/** Returns the lines that describe a family, in either format. */
export function heading({ name, type, unit, help }: Family, format: 'text' | 'openMetrics'): string {
  if (format === 'text') return `# HELP ${name} ${help}\n# TYPE ${name} ${type === 'info' ? 'gauge' : type}\n`;
  // OpenMetrics names the family without the suffix of its samples.
  const family = type === 'counter' ? name.replace(/_total$/, '') : type === 'info' ? name.replace(/_info$/, '') : name;
  // A unit must be the end of the family's name.
  const unitLine = unit === undefined || !family.endsWith(`_${unit}`) ? '' : `# UNIT ${family} ${unit}\n`;
  return `# TYPE ${family} ${type}\n${unitLine}# HELP ${family} ${help}\n`;
}
