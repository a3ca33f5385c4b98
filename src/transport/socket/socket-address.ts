/** Where a socket is dialled. */
export type SocketAddress =
  | { readonly wire: 'tcp' | 'tls'; readonly host: string; readonly port: number }
  | { readonly wire: 'unix'; readonly path: string };

/** The event by which a socket says that it is up: for TLS, that the certificates were checked, too. */
export const upEvents = { tcp: 'connect', unix: 'connect', tls: 'secureConnect' } as const;
