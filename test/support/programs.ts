import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Programs by others, with their Debian packages, and the text by which each identifies itself. */
const programs = {
  nc: { package: 'netcat-openbsd', args: ['-h'], says: /OpenBSD netcat/ },
  socat: { package: 'socat', args: ['-V'], says: /OPENSSL/i },
  openssl: { package: 'openssl', args: ['version'], says: /OpenSSL/ },
} as const;

/** A program that the tests use as a peer. */
export type ProgramName = keyof typeof programs;

/** Why this program cannot be used here, as the end of a test's name; empty if it can. */
export function missing(name: ProgramName): string {
  const { package: from, args, says } = programs[name];
  const { stdout, stderr } = spawnSync(name, args, { encoding: 'utf8', timeout: 5_000 });
  return says.test(`${stdout}${stderr}`) ? '' : `; skipped, since ${name} is missing (Debian: ${from})`;
}

/** How a program ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
}

/** A running program whose standard input is over: for `nc -N` and `socat`, this is when they half-close. */
export interface Running {
  readonly ended: Promise<Ran>;
  kill(): Promise<void>;
}

/** Starts a program, writes this input, and ends its standard input. */
export function run(name: ProgramName, args: readonly string[], input: string): Running {
  const child = spawn(name, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  // A program that ends before it has read everything reports that by its exit code.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const closed = once(child, 'close') as Promise<[number | null]>;
  const ended = closed.then(([code]) => ({ code, stdout }));
  return {
    ended,
    kill: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** The port of a URL. */
export function portOf(url: string): string {
  return new URL(url).port;
}

/** Peers that end their side after the question, each with its command. */
export const halfClosers: readonly {
  /** Its name in test titles, and the reason if it is skipped. */
  readonly title: string;
  readonly name: ProgramName;
  readonly cannot: string;
  readonly wire: 'tcp' | 'tls';
  args(url: string): readonly string[];
}[] = [
  halfCloser('nc -N', 'nc', 'tcp', (port) => ['-N', '127.0.0.1', port]),
  halfCloser('socat -t 10', 'socat', 'tcp', (port) => ['-t', '10', '-', `TCP:127.0.0.1:${port}`]),
  halfCloser('socat -t 10 over TLS', 'socat', 'tls', (port) => ['-t', '10', '-', `OPENSSL:localhost:${port},verify=0`]),
];

function halfCloser<W extends 'tcp' | 'tls'>(
  command: string,
  name: ProgramName,
  wire: W,
  args: (port: string) => readonly string[],
) {
  const cannot = missing(name);
  return { title: command + cannot, name, cannot, wire, args: (url: string) => args(portOf(url)) };
}
