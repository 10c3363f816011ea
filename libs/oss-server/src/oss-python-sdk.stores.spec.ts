import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonWith } from '@longshore/testing/stores';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OssServer, startOss } from './index.ts';

let oss: OssServer;
let python: string;

beforeAll(async () => {
  python = await pythonWith('oss2==2.19.1');
  oss = await startOss();
});

afterAll(() => oss.stop());

/**
 * The driver's client, ali-oss, tolerates answers that Alibaba's other clients refuse. This client verifies the server that the driver's tests trust.
 */
describe.each(['1', '4'])("Alibaba's Python SDK with signatures of version %s", (version) => {
  it('accepts all answers of the server', { timeout: 180_000 }, async () => {
    const lines = (await judge(version)).trim().split('\n');
    expect(lines.filter((line) => !line.startsWith('ok '))).toEqual(['26 passed, 0 failed']);
  });
});

async function judge(version: string): Promise<string> {
  const { endpoint, region, bucket, accessKeyId, accessKeySecret } = oss;
  const words = [endpoint, region, bucket, accessKeyId, accessKeySecret, version];
  const script = fileURLToPath(new URL('../python/judge-oss.py', import.meta.url));
  return (await promisify(execFile)(python, [script, ...words])).stdout;
}
