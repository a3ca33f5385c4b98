import { execFileSync } from 'node:child_process';

/** A separate network, behind a link that loses packets in both directions. */
export interface LossyLink {
  /** Its address there. */
  readonly host: string;
  /** The means by which it loses packets. */
  readonly means: string;
  /** The command prefix that runs a program there. */
  readonly prefix: readonly string[];
  /** Removes everything; idempotent. */
  close(): void;
}

/** Packets lost in each direction, of 100. */
export const LOSS_PERCENT = 20;

/** Classic BPF: matches if a random number is below the loss (the kernel's random word is at offset -4040). */
const DRAW = `4,32 0 0 4294963256,53 1 0 ${Math.floor((LOSS_PERCENT / 100) * 2 ** 32)},6 0 0 4294967295,6 0 0 0`;

/** Ways to lose packets, the best first; each is a list of `tc` commands for a device. */
const ways: Readonly<Record<string, (device: string) => readonly string[][]>> = {
  netem: (device) => [words(`qdisc add dev ${device} root netem loss ${LOSS_PERCENT}%`)],
  // For kernels without netem: matching packets go to a queue without room.
  'htb and bpf': (device) => [
    words(`qdisc add dev ${device} root handle 1: htb`),
    words(`class add dev ${device} parent 1: classid 1:2 htb rate 1gbit quantum 60000`),
    words(`qdisc add dev ${device} parent 1:2 handle 2: pfifo limit 0`),
    [...words(`filter add dev ${device} parent 1: protocol all bpf bytecode`), DRAW, ...words('flowid 1:2')],
  ],
};

/** Makes one, or returns why this machine does not allow it. */
export function openLossyLink(): LossyLink | string {
  if (process.platform !== 'linux') return 'network namespaces are of Linux';
  if (process.getuid?.() !== 0) return 'only root may make network namespaces';
  const space = `faults-${process.pid}`;
  const [outer, inner] = [`fo${process.pid}`, `fi${process.pid}`];
  // From 198.18.0.0/15, which is reserved for tests; four addresses for each process.
  const base = (process.pid * 4) % 2 ** 17;
  const address = (last: number): string => `198.${18 + (base >> 16)}.${(base >> 8) & 255}.${(base & 255) + last}`;
  const close = (): void => {
    process.off('exit', close);
    attempt('ip', ['link', 'del', outer]);
    attempt('ip', ['netns', 'del', space]);
  };
  process.on('exit', close);
  const problem =
    attempt('tc', ['-V']) ??
    attempt('ip', ['netns', 'add', space]) ??
    attempt('ip', words(`link add ${outer} type veth peer name ${inner} netns ${space}`)) ??
    attempt('ip', words(`addr add ${address(1)}/30 dev ${outer}`)) ??
    attempt('ip', words(`link set ${outer} up`)) ??
    attempt('ip', words(`-n ${space} addr add ${address(2)}/30 dev ${inner}`)) ??
    attempt('ip', words(`-n ${space} link set ${inner} up`));
  const means = problem === undefined ? lose(outer, space, inner) : undefined;
  if (means === undefined) {
    close();
    return problem ?? 'this kernel has neither netem nor htb and bpf';
  }
  return { host: address(2), means, prefix: ['ip', 'netns', 'exec', space], close };
}

/** Makes both ends lose packets. Returns by which means. */
function lose(outer: string, space: string, inner: string): string | undefined {
  return Object.keys(ways).find((way) => {
    const commands = (device: string): readonly string[][] => ways[way]?.(device) ?? [];
    const failed = [
      ...commands(outer).map((command) => attempt('tc', command)),
      ...commands(inner).map((command) => attempt('tc', ['-n', space, ...command])),
    ].filter((reason) => reason !== undefined);
    if (failed.length === 0) return true;
    attempt('tc', ['qdisc', 'del', 'dev', outer, 'root']);
    attempt('tc', ['-n', space, 'qdisc', 'del', 'dev', inner, 'root']);
    return false;
  });
}

/** Runs a command. Returns the error, if there is one. */
function attempt(command: string, args: readonly string[]): string | undefined {
  try {
    execFileSync(command, args, { stdio: 'pipe', timeout: 5_000 });
    return undefined;
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr?: Buffer };
    return `${command} ${args.join(' ')}: ${stderr?.toString().trim() || message}`;
  }
}

function words(text: string): string[] {
  return text.split(' ');
}
