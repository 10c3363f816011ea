import { type S3Server, startMinio, startTlsFront, type TlsFront } from '@longshore/testing/stores';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openS3 } from './testing/open-s3.ts';

let server: S3Server;
let front: TlsFront;

beforeAll(async () => {
  server = await startMinio();
  front = await startTlsFront(server.endpoint);
});

afterAll(async () => {
  await front.stop();
  await server.stop();
});

async function checked(changes: Readonly<Record<string, unknown>>): Promise<string> {
  const { accessKey: accesskey, secretKey: secretkey, region, bucket, endpoint: regionendpoint } = server;
  const s3 = { accesskey, secretkey, region, bucket, regionendpoint, maxretries: 0, ...changes };
  const driver = await openS3(s3);
  try {
    return await driver.check().then(
      () => 'fine',
      (error: unknown) => String(error),
    );
  } finally {
    await driver.close();
  }
}

describe('S3 driver, check', () => {
  it.each([
    ['bucket', { bucket: 'not-there' }, 'NoSuchBucket'],
    ['accesskey', { accesskey: 'nobody' }, 'InvalidAccessKeyId'],
    ['secretkey', { secretkey: 'hidden-and-wrong' }, 'SignatureDoesNotMatch'],
    ['region', { region: 'eu-north-7' }, 'AuthorizationHeaderMalformed'],
    ['regionendpoint', { regionendpoint: 'http://127.0.0.1:9' }, 'ECONNREFUSED'],
    ['sessiontoken', { sessiontoken: 'hidden' }, 'InvalidToken'],
  ])('names a wrong %s, with the answer of the store', async (parameter, changes, code) => {
    const problem = await checked(changes);
    expect(problem).toMatch(new RegExp(`^StorageError: s3: (?:denied|unavailable).*${code}`));
    expect(problem).toMatch(new RegExp(`see storage\\.s3: .*${parameter}`));
    expect(problem).not.toContain('hidden');
    expect(problem).not.toContain(server.secretKey);
  });

  it('accepts any certificate with skipverify', async () => {
    expect(await checked({ regionendpoint: front.origin, skipverify: true })).toBe('fine');
  });

  it('accepts the right parameters, encrypted or not, with either kind of checksum', async () => {
    expect(await checked({})).toBe('fine');
    expect(await checked({ encrypt: true, checksums: 'always', rootdirectory: '/below/it' })).toBe('fine');
  });
});
