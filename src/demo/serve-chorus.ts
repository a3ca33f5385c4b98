import { concatMap, from, map, NEVER, type Observable, timer } from 'rxjs';
import { type CiRequest, serveCi } from '../server/index.js';
import { clip } from '../terminal/columns.js';
import { type ChorusCi, chorusCis } from './chorus-cis.js';
import { holdSilentPort, serveHangUp } from './failing-peers.js';

/** CIs that are being served. */
export interface Chorus {
  /** Their addresses, by name. */
  readonly cis: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** One CI that is being served, or a peer that fails in its place. */
interface ServedMember {
  readonly url: string;
  close(): Promise<void>;
}

const wordMs = 30;
const longestQuoted = 60;

/** Serves a chorus in this process, each CI on a free port of 127.0.0.1. */
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
  if (ci.temper === 'isDown') return holdSilentPort();
  if (ci.temper === 'drops') return serveHangUp(ci.latencyMs);
  const { name, role, correlation, streaming } = ci;
  return serveCi({
    id: name,
    description: `The chorus's CI for ${role}.`,
    model: 'chorus:scripted',
    listen: { port: 0, host: '127.0.0.1' },
    correlation,
    streaming,
    handler: (request) => (ci.temper === 'hangs' ? NEVER : answer(ci, request)),
  });
}

/** The answer after its latency: at once, or word by word where it is to be streamed. */
function answer(ci: ChorusCi, request: CiRequest): Observable<string> {
  const text = ci.say(`"${clip(request.content, longestQuoted)}"`);
  if (!request.isStream) return timer(ci.latencyMs).pipe(map(() => text));
  return from(text.split(/(?<= )/)).pipe(
    concatMap((word, index) => timer(index === 0 ? ci.latencyMs : wordMs).pipe(map(() => word))),
  );
}
