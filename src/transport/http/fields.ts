import type { Frame } from '../../contract/index.js';
import { isJsonObject } from '../../protocol/frame-codec.js';

/** A field that holds an object, or an empty one. */
export function recordIn(frame: Frame, name: string): Frame {
  const value = frame[name];
  return isJsonObject(value) ? value : {};
}

/** A field that holds a text. */
export function textIn(frame: Frame, name: string): string | undefined {
  const value = frame[name];
  return typeof value === 'string' ? value : undefined;
}

/** The same fields without some. */
export function without(frame: Frame, names: readonly string[]): Frame {
  return Object.fromEntries(Object.entries(frame).filter(([name]) => !names.includes(name)));
}

/** The content of a message: its text, and the thoughts that some servers send among its parts. */
export interface Content {
  readonly text: string;
  readonly thoughts: string;
}

/** Reads a content: a text, a part, or parts (`{ type: 'text', text }`) one after the other. What is no text is passed over. */
export function contentIn(content: unknown): Content {
  if (typeof content === 'string') return { text: content, thoughts: '' };
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
  let text = '';
  let thoughts = '';
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    else if (!isJsonObject(part)) continue;
    else if (part.type === 'thinking' || part.type === 'reasoning')
      thoughts += contentIn(part.thinking ?? part.text).text;
    else text += textIn(part, 'text') ?? '';
  }
  return { text, thoughts };
}
