export { type Recorder, type RecorderOptions, recordTo } from './record-to.js';
export type {
  ChartEdge,
  ChartNode,
  CiRow,
  ConnectionRow,
  Recorded,
} from './records.js';
export { type Inspector, type InspectorOptions, startInspector } from './start-inspector.js';
