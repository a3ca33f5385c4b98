/**
 * Batches what is written to a socket within one tick into one write. To be called before writing: the socket is held
 * back until the data event that is being served is over.
 */
export function batch(socket) {
  if (socket.writableCorked > 0) return;
  socket.cork();
  process.nextTick(() => socket.uncork());
}
