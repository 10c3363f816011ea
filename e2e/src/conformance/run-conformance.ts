import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ConformanceCase {
  readonly name: string;
  readonly status: string;
  readonly output: string;
}

const everySwitch = {
  OCI_DATA_SPARSE: 'true',
  OCI_API_BLOBS_UPLOAD_CANCEL: 'true',
  OCI_API_BLOBS_DIGEST_HEADER: 'true',
  OCI_API_MANIFESTS_DIGEST_HEADER: 'true',
  OCI_API_MANIFESTS_TAG_PARAM: 'true',
};

export interface ConformanceOptions {
  /** Prefix of the repositories' names. */
  readonly namespace?: string;
  /** Environment variables of the program. Default: every switch is on. */
  readonly switches?: Readonly<Record<string, string>>;
}

/** Runs the upstream conformance program and reads its JUnit report. */
export async function runConformance(
  origin: string,
  version: string,
  { namespace = 'conformance', switches = {} }: ConformanceOptions = {},
): Promise<ConformanceCase[]> {
  const results = await mkdtemp(join(tmpdir(), 'longshore-conformance-'));
  try {
    const child = spawn('conformance', {
      cwd: results,
      stdio: 'ignore',
      timeout: 200_000,
      env: {
        ...process.env,
        ...everySwitch,
        ...switches,
        OCI_VERSION: version,
        OCI_REGISTRY: new URL(origin).host,
        OCI_TLS: 'disabled',
        OCI_REPO1: `${namespace}/v${version}/repo1`,
        OCI_REPO2: `${namespace}/v${version}/repo2`,
        OCI_LOG: 'error',
        OCI_RESULTS_DIR: results,
      },
    });
    await once(child, 'exit');
    return parseJunit(await readFile(join(results, 'junit.xml'), 'utf8'));
  } finally {
    await rm(results, { recursive: true, force: true });
  }
}

/** Parses a report of either suite: both write attributes in a fixed order and escape them as XML requires. */
export function parseJunit(xml: string): ConformanceCase[] {
  return [...xml.matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)].map(
    ([, attributes = '', content = '']) => ({
      name: unescape(/\bname="([^"]*)"/.exec(attributes)?.[1] ?? ''),
      status: /\bstatus="([^"]*)"/.exec(attributes)?.[1] ?? '',
      output: unescape(/<system-out>([\s\S]*?)<\/system-out>/.exec(content)?.[1] ?? ''),
    }),
  );
}

const entities: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&#34;': '"',
  '&#39;': "'",
  '&#xA;': '\n',
  '&#x9;': '\t',
  '&amp;': '&',
};

function unescape(text: string): string {
  return text.replaceAll(/&(?:lt|gt|amp|#34|#39|#xA|#x9);/g, (entity) => entities[entity] ?? entity);
}
