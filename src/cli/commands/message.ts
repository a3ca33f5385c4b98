import { UsageError } from '../../terminal/command-line.js';
import type { CommandIo } from './command.js';

/** The message of a command line; `-` stands for what is piped in. @throws UsageError where there is none. */
export async function readMessage(text: string, { readStdin }: CommandIo): Promise<string> {
  const message = text === '-' ? await readStdin() : text;
  if (message.trim() === '') throw new UsageError('the message is empty');
  return message;
}
