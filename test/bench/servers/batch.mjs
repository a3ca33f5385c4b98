/**
 * Batches the writes to a socket within one tick into one. Call it before writing: the socket is corked
 * until the current data event is over.
 */
export function batch(socket) {
  if (socket.writableCorked > 0) return;
  socket.cork();
  process.nextTick(() => socket.uncork());
}
