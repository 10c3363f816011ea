import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConformanceCase, parseJunit } from './run-conformance.ts';

export interface GinkgoConformanceOptions {
  /** The repository. One with the suffix `-mount` is the source of mounts. */
  readonly repository: string;
  /** Expectation for a mount without `from`: 1, the blob is found; 0, it is not; unset, either. */
  readonly automaticMount?: '0' | '1' | undefined;
  readonly account?: { readonly username: string; readonly password: string };
}

/** Runs all four workflows of the suite released with distribution-spec v1.1: a Ginkgo test, compiled by .ci/run. */
export async function runGinkgoConformance(
  origin: string,
  { repository, automaticMount, account }: GinkgoConformanceOptions,
): Promise<ConformanceCase[]> {
  const results = await mkdtemp(join(tmpdir(), 'longshore-conformance-'));
  try {
    const child = spawn('conformance-v1.1', {
      cwd: results,
      stdio: 'ignore',
      timeout: 200_000,
      env: {
        ...process.env,
        OCI_ROOT_URL: origin,
        OCI_NAMESPACE: repository,
        OCI_CROSSMOUNT_NAMESPACE: `${repository}-mount`,
        ...(automaticMount === undefined ? {} : { OCI_AUTOMATIC_CROSSMOUNT: automaticMount }),
        OCI_USERNAME: account?.username ?? '',
        OCI_PASSWORD: account?.password ?? '',
        OCI_TEST_PULL: '1',
        OCI_TEST_PUSH: '1',
        OCI_TEST_CONTENT_DISCOVERY: '1',
        OCI_TEST_CONTENT_MANAGEMENT: '1',
        OCI_REPORT_DIR: results,
      },
    });
    await once(child, 'exit');
    return parseJunit(await readFile(join(results, 'junit.xml'), 'utf8'));
  } finally {
    await rm(results, { recursive: true, force: true });
  }
}
