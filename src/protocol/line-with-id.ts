import type { Frame } from '../contract/index.js';

/** Writes a frame as a line, with an id as its client wrote it, quotes and all; `undefined` for none. The frame has no id of its own. */
export function lineWithId(frame: Frame, id: string | undefined): string {
  const json = JSON.stringify(frame);
  return id === undefined ? json : `${json.slice(0, -1)},"request_id":${id}}`;
}
