import { UsageError } from '../../terminal/command-line.js';
import type { CommandIo } from './command.js';

/** Returns the message of a command line. Reads stdin for `-`. @throws UsageError if the message is empty */
export async function readMessage(text: string, { readStdin }: CommandIo): Promise<string> {
  const message = text === '-' ? await readStdin() : text;
  if (message.trim() === '') throw new UsageError('the message is empty: write a text, or use - and pipe one in');
  return message;
}
