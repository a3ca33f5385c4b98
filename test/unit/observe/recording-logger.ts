import type { Logger } from '../../../src/contract/index.js';

/** One line of a log: its level, its fields with those of its child logger, and its message. */
export interface Line {
  readonly level: 'info' | 'warn' | 'error' | 'debug';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A logger that keeps its lines, including those of its children. */
export interface RecordingLogger extends Logger {
  readonly lines: readonly Line[];
}

/** Makes one. Each line gets the fields of `bindings`. */
export function recordingLogger(bindings: Record<string, unknown> = {}, lines: Line[] = []): RecordingLogger {
  const at = (level: Line['level']) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...bindings, ...fields }, message });
  };
  return {
    lines,
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    debug: at('debug'),
    child: (more) => recordingLogger({ ...bindings, ...more }, lines),
  };
}
