import { readFileSync } from 'node:fs';

/** The PEM files of the TLS tests; `certificates/make-certificates.sh` makes them. */
export const certificates = {
  ca: read('ca.pem'),
  server: pair('server'),
  client: pair('client'),
  /** The files that must be refused. */
  bad: {
    expired: pair('expired'),
    early: pair('early'),
    elsewhere: pair('elsewhere'),
    selfSigned: pair('self-signed'),
    foreignCa: read('foreign-ca.pem'),
    foreignServer: pair('foreign-server'),
    foreignClient: pair('foreign-client'),
  },
} as const;

function pair(name: string): { readonly cert: string; readonly key: string } {
  return { cert: read(`${name}.pem`), key: read(`${name}.key.pem`) };
}

function read(file: string): string {
  return readFileSync(new URL(`certificates/${file}`, import.meta.url), 'utf8');
}
