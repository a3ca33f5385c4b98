export { type ComponentName, components } from './components.js';
export { readEnvironment } from './environment.js';
export type { Environment } from './setting.js';
