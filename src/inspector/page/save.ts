import { source, tape } from './session.js';

/** Downloads a recording: the marked part of an open one, or what has arrived from the service. */
export function save(): void {
  const { value } = source;
  const lines = value.from === 'file' ? value.replay.part() : tape.lines();
  const url = URL.createObjectURL(new Blob(lines, { type: 'application/x-ndjson' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `choragus-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.ndjson`;
  link.click();
  URL.revokeObjectURL(url);
}
