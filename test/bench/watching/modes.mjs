/** The ways in which a service is watched, from none to a watcher that connects and does not read. */
export const modes = ['off', 'unwatched', 'watched', 'paused'];
