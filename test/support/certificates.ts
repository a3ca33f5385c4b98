import { readFileSync } from 'node:fs';

/** The PEM files of the TLS tests; `certificates/make-certificates.sh` says how they were made. */
export const certificates = {
  ca: read('ca.pem'),
  server: { cert: read('server.pem'), key: read('server.key.pem') },
  client: { cert: read('client.pem'), key: read('client.key.pem') },
} as const;

function read(file: string): string {
  return readFileSync(new URL(`certificates/${file}`, import.meta.url), 'utf8');
}
