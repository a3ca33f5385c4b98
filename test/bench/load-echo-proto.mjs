import { fileURLToPath } from 'node:url';
import { loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** The gRPC service of the benchmark, for its server and its client. */
export function loadEchoProto() {
  const file = fileURLToPath(new URL('echo.proto', import.meta.url));
  return loadPackageDefinition(loadSync(file, { keepCase: true })).choragus.bench.Echo;
}
