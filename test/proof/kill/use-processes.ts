import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { CiProcess } from './ci-process.js';
import { ServiceProcess, type ServiceProcessOptions } from './service-process.js';

/** The processes of one test. */
export interface Processes {
  /** Starts a CI with this name and correlation. */
  ci(id: string, correlation: 'ordered' | 'byId'): Promise<CiProcess>;
  /** Starts a service: a process with its own pool. */
  service(options: Omit<ServiceProcessOptions, 'ledgerPath'>): ServiceProcess;
}

/** Provides processes for each test of a file. After the test, each is ended by its pid. */
export function useProcesses(): Processes {
  const running: { end(): Promise<void> }[] = [];
  let folder = '';
  let count = 0;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kill-'));
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.end()));
    await rm(folder, { recursive: true });
  });

  const nextLedger = (): string => {
    count += 1;
    return join(folder, `ledger-${count}`);
  };

  return {
    ci: async (id, correlation) => {
      const ci = new CiProcess({ id, correlation, ledgerPath: nextLedger() });
      running.push(ci);
      await ci.start();
      return ci;
    },
    service: (options) => {
      const service = new ServiceProcess({ ...options, ledgerPath: nextLedger() });
      running.push(service);
      return service;
    },
  };
}
