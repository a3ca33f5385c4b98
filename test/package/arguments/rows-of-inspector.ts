import { join } from 'node:path';
import {
  type ForeignInspectorOptions,
  type InspectorOptions,
  inspectWithStately,
  type RecorderOptions,
  recordTo,
  type StatelyOptions,
  startForeignInspector,
  startInspector,
} from '../../../src/inspector/index.js';
import {
  anyFunction,
  emptyList,
  emptyRecord,
  flag,
  type Kind,
  none,
  optional,
  someText,
  textLike,
  whole,
} from './kinds.js';
import { optionsRows, type Row } from './row.js';

type Kinds<T> = Readonly<Record<keyof T, Kind>>;

const port = optional(whole(0, 65_535));
const token = optional(textLike(/^[\w.~-]{16,}$/));

const inspector: Kinds<InspectorOptions> = {
  port,
  host: optional(someText),
  token,
  allowedHosts: optional(emptyList),
  readOnly: optional(flag),
  actions: optional(flag),
  sizes: optional(flag),
};
const foreign: Kinds<ForeignInspectorOptions> = {
  port,
  host: optional(someText),
  token,
  allowedHosts: optional(emptyList),
  redact: optional(anyFunction),
};
const recorder: Kinds<RecorderOptions> = {
  maxBytes: optional(whole(1)),
  maxFiles: optional(whole(1)),
  onError: optional(anyFunction),
};
const stately: Kinds<StatelyOptions> = { url: none, connections: optional(emptyList), redact: optional(anyFunction) };

const url = 'ws://127.0.0.1:1';

export const rowsOfInspector: readonly Row[] = [
  { of: 'startInspector', names: 'pool', right: none, act: (value) => startInspector(value as never) },
  ...optionsRows(
    'startInspector',
    (options, { pool }) => startInspector(pool, options),
    optional(emptyRecord),
    inspector,
  ),
  { of: 'recordTo', names: 'pool', right: none, act: (value) => recordTo(value as never, '/nowhere/fleet.ndjson') },
  { of: 'recordTo', names: 'path', right: someText, act: (value, { pool }) => recordTo(pool, value as string) },
  ...optionsRows(
    'recordTo',
    (options, { pool, folder }) => recordTo(pool, join(folder, 'fleet.ndjson'), options),
    optional(emptyRecord),
    recorder,
  ),
  ...optionsRows('startForeignInspector', startForeignInspector, optional(emptyRecord), foreign),
  { of: 'inspectWithStately', names: 'pool', right: none, act: (value) => inspectWithStately(value as never, { url }) },
  ...optionsRows(
    'inspectWithStately',
    (options, { pool }) => inspectWithStately(pool, options),
    none,
    stately,
    () => ({
      url,
    }),
  ).map((row, index) => (index === 0 ? { ...row, names: /\b(?:options|url|unknown|__proto__)\b/ } : row)),
  {
    of: 'inspectWithStately',
    names: 'connections',
    right: (value) => typeof value === 'string',
    act: (value, { pool }) => inspectWithStately(pool, { url, connections: ['apollo', value as string] }),
  },
];
