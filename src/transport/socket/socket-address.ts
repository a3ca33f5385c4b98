/** Where a socket is dialled. */
export type SocketAddress =
  | { readonly wire: 'tcp' | 'tls'; readonly host: string; readonly port: number }
  | { readonly wire: 'unix'; readonly path: string };
