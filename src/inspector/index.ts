export type { Redact } from './content/redact.js';
export type {
  Beat,
  ChartEdge,
  ChartNode,
  CiRow,
  ConnectionRow,
  Hello,
  Recorded,
  Summary,
  TraceRecord,
  Transition,
  Window,
  WindowName,
} from './feed/records.js';
export {
  type ForeignInspector,
  type ForeignInspectorOptions,
  startForeignInspector,
} from './foreign/start-foreign-inspector.js';
export { type Recorder, type RecorderOptions, recordTo } from './recording/record-to.js';
export { type Inspector, type InspectorOptions, startInspector } from './start-inspector.js';
export { inspectWithStately, type StatelyOptions, type StatelyReport } from './stately/inspect-with-stately.js';
