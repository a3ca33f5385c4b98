import { concatMap, from, map, NEVER, type Observable, timer } from 'rxjs';
import { type CiRequest, serveCi } from '../server/index.js';
import { clip } from '../terminal/columns.js';
import { type ChorusCi, chorusCis } from './chorus-cis.js';
import { holdSilentPort, serveHangUp } from './failing-peers.js';

/** The running CIs of a chorus. */
export interface Chorus {
  /** The address of each CI, by name. */
  readonly cis: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** One running CI, or a peer that fails. */
interface ServedMember {
  readonly url: string;
  close(): Promise<void>;
}

const wordMs = 30;
const longestQuoted = 60;

/** Starts a chorus in this process, each CI on a free port of 127.0.0.1. */
export async function serveChorus(members: readonly ChorusCi[] = chorusCis): Promise<Chorus> {
  const served = await Promise.all(members.map(serveMember));
  return {
    cis: Object.fromEntries(members.map(({ name }, index) => [name, (served[index] as ServedMember).url])),
    close: async () => {
      await Promise.all(served.map((ci) => ci.close()));
    },
  };
}

function serveMember(ci: ChorusCi): Promise<ServedMember> {
  if (ci.behaviour === 'isDown') return holdSilentPort();
  if (ci.behaviour === 'drops') return serveHangUp(ci.latencyMs);
  const { name, role, correlation, streaming } = ci;
  return serveCi({
    id: name,
    description: `The chorus's CI for ${role}.`,
    model: 'chorus:scripted',
    listen: { port: 0, host: '127.0.0.1' },
    correlation,
    streaming,
    handler: (request) => (ci.behaviour === 'hangs' ? NEVER : answer(ci, request)),
  });
}

/** Answers after the CI's latency: with the whole text, or word by word for a stream. */
function answer(ci: ChorusCi, request: CiRequest): Observable<string> {
  const text = ci.say(`"${clip(request.content, longestQuoted)}"`);
  if (!request.isStream) return timer(ci.latencyMs).pipe(map(() => text));
  return from(text.split(/(?<= )/)).pipe(
    concatMap((word, index) => timer(index === 0 ? ci.latencyMs : wordMs).pipe(map(() => word))),
  );
}
