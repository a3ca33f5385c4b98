/**
 * A program for a page: counts the connections in each state on its own, from the first state and the transitions alone, and keeps these
 * counts after each message with the time of the newest record. No summary takes part: one that is older than a transition must not
 * change what the page shows. Also keeps what the page says about the arrival of the first state.
 */
export const follower = `{
  globalThis.followed = [];
  globalThis.loading = [];
  const states = new Map();
  const counts = {};
  let newest = 0;
  const set = (connection, state) => {
    const before = states.get(connection);
    if (before !== undefined) counts[before] -= 1;
    if (state === 'closed') states.delete(connection);
    else states.set(connection, state);
    if (state !== 'closed') counts[state] = (counts[state] ?? 0) + 1;
  };
  const take = (record) => {
    newest = Math.max(newest, record.at);
    if (record.t === 'transition') set(record.connection, record.to);
    if (record.t !== 'cis') return;
    for (const { connections } of record.rows) for (const { connection, state } of connections) set(connection, state);
  };
  const Native = EventSource;
  globalThis.EventSource = class extends Native {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', ({ data }) => {
        JSON.parse(data).forEach(take);
        globalThis.followed.push({ at: newest, counts: { ...counts } });
      });
    }
  };
  addEventListener('DOMContentLoaded', () => {
    const look = () => {
      const text = document.querySelector('.banner')?.textContent ?? '';
      if (text.startsWith('Loading') && text !== globalThis.loading.at(-1)) globalThis.loading.push(text);
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
  });
}`;
