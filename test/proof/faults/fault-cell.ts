/** The outcome of a dial. */
export const connects = ['accept', 'refuse', 'blackhole', 'accept-then-close', 'TLS failure'] as const;
/** The fault in the answer. */
export const replies = [
  'no reply',
  'late',
  'reset mid-line',
  'garbage',
  'not an object',
  'oversize',
  'split bytes',
  'slow-loris',
  'half-open',
  'twice',
  'unproved',
] as const;
/** The function that the user calls. */
export const requests = ['ask', 'stream', 'broadcast'] as const;
/** How the peer says which request an answer belongs to: by order (trusted or proved), or by id. */
export const manners = ['trusted', 'proved', 'byId'] as const;
/**
 * The state of the request when the fault comes: not made yet (`idle`: its connection has nothing to do), waiting behind
 * another that meets the fault (`queued`), written (`in flight`), or with its first chunk received (`mid-stream`).
 */
export const moments = ['idle', 'queued', 'in flight', 'mid-stream'] as const;

/** One case of the fault product. */
export interface FaultCell {
  readonly connect: (typeof connects)[number];
  readonly reply: (typeof replies)[number];
  readonly request: (typeof requests)[number];
  readonly manner: (typeof manners)[number];
  readonly moment: (typeof moments)[number];
}

/** The whole product, including cells that cannot exist. */
export const product: readonly FaultCell[] = connects.flatMap((connect) =>
  replies.flatMap((reply) =>
    requests.flatMap((request) =>
      manners.flatMap((manner) => moments.map((moment) => ({ connect, reply, request, manner, moment }))),
    ),
  ),
);

/** Returns why a cell cannot exist, or adds nothing to another; `undefined` for a cell that runs. */
export function whyImpossible({ connect, reply, request, manner, moment }: FaultCell): string | undefined {
  if (connect !== 'accept') {
    if (reply !== 'no reply') return 'a peer that accepts no connection sends no reply';
    if (manner !== 'trusted') return 'a peer that has not answered yet has no known correlation';
    if (moment === 'mid-stream') return 'a peer that accepts no connection begins no stream';
    if (moment === 'in flight' && connect !== 'accept-then-close') return 'without a link nothing is written';
    return undefined;
  }
  if (moment === 'mid-stream' && request === 'ask') return 'an ask has no chunks, so it is never mid-stream';
  if (moment === 'idle' && reply === 'no reply') return 'an idle connection owes no reply that could fail to come';
  if (moment === 'idle' && (reply === 'twice' || reply === 'unproved'))
    return 'where nothing is asked, nothing is answered twice, or proved';
  if (reply === 'unproved' && manner !== 'proved') return 'without a probe there is no proof that could fail to come';
  if (moment === 'idle' && reply === 'split bytes') return 'a good line, split or not, is no fault without a request';
  return undefined;
}

/** The cells that run. */
export const cells = product.filter((cell) => whyImpossible(cell) === undefined);

/** A cell in one line. */
export function nameOf({ connect, reply, request, manner, moment }: FaultCell): string {
  return `${connect} / ${reply} / ${request} / ${manner} / ${moment}`;
}

/** Whether its request is answered in chunks. A broadcast is, if the fault comes in the middle. */
export function isStreamed({ request, moment }: FaultCell): boolean {
  return request === 'stream' || (request === 'broadcast' && moment === 'mid-stream');
}
