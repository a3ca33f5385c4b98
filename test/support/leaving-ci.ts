import type { Frame } from '../../src/index.js';
import type { MemoryPeer } from '../../src/testing/index.js';
import type { MemoryCi, VirtualStage } from './virtual-stage.js';

/** When a CI closes a connection: some time after its last answer, or right after its n-th answer to a line or a chat. */
export type Leaves =
  | { readonly idleMs: number }
  | { readonly lines: number }
  | { readonly chats: number }
  | { readonly never: true };

export interface LeavingOptions {
  readonly leaves: Leaves;
  /** Whether its answers carry the request's id. */
  readonly echoes: boolean;
  /** How it closes: with a FIN, or with an RST like a peer with an unread line. Default: `close`. */
  readonly how?: 'close' | 'fail';
  /** Time from its last answer to its FIN, in ms. It reads nothing in between. Default: 0, right after the answer. */
  readonly lateMs?: number;
  /** Time that each answer takes, in ms. Default: 0. */
  readonly answerMs?: number;
}

/** The state of one connection. */
class Stay {
  lines = 0;
  chats = 0;
  phase: 'reading' | 'leaving' = 'reading';
  leaving: unknown;
  /** Answers not sent yet. */
  readonly answers = new Set<unknown>();
}

/**
 * A CI on the memory wire that answers every line, then closes its connection early. It works on all lines at
 * once.
 */
export function leavingCi(stage: VirtualStage, name: string, options: LeavingOptions): MemoryCi {
  const { leaves, echoes, how = 'close', lateMs = 0, answerMs = 0 } = options;
  const stays = new Map<MemoryPeer, Stay>();
  const leaveIn = (ms: number, peer: MemoryPeer, stay: Stay): void => {
    const { clock } = stage;
    const leave = (): void => (how === 'close' ? peer.close() : peer.fail());
    clock.clearTimeout(stay.leaving);
    if (ms === 0) leave();
    else stay.leaving = clock.setTimeout(leave, ms, 'background');
  };
  const answer = (request: Frame, peer: MemoryPeer, stay: Stay): void => {
    // A program that has closed its socket neither reads nor answers what still comes.
    if (stay.phase === 'leaving') return;
    peer.send(answerTo(request, echoes));
    stay.lines += 1;
    if (request.type === 'chat') stay.chats += 1;
    if ('idleMs' in leaves) return leaveIn(leaves.idleMs, peer, stay);
    const isLast = 'lines' in leaves ? stay.lines >= leaves.lines : 'chats' in leaves && stay.chats >= leaves.chats;
    if (!isLast) return;
    stay.phase = 'leaving';
    leaveIn(lateMs, peer, stay);
  };
  return stage.ci(
    name,
    (request, peer) => {
      const stay = stays.get(peer) as Stay;
      if (answerMs === 0) return answer(request, peer, stay);
      const due = (): void => {
        stay.answers.delete(timer);
        answer(request, peer, stay);
      };
      const timer = stage.clock.setTimeout(due, answerMs, 'background');
      stay.answers.add(timer);
    },
    (peer) => {
      const stay = new Stay();
      stays.set(peer, stay);
      void peer.closed.then(() => {
        for (const timer of [stay.leaving, ...stay.answers]) stage.clock.clearTimeout(timer);
      });
    },
  );
}

/** Returns the texts of the chats that reached a CI, without the pool's own probes. */
export function chatsTo(ci: MemoryCi): unknown[] {
  return ci.received.filter(({ type }) => type === 'chat').map(({ content }) => content);
}

function answerTo({ type, content, request_id }: Frame, echoes: boolean): Frame {
  const id = echoes && request_id !== undefined ? { request_id } : {};
  if (type === 'chat') return { type: 'chat_response', content, ...id };
  return { type: type === 'ping' ? 'pong' : `${type}_response`, ai_id: 'leaving', ...id };
}
