import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type S3Server, startMinio } from '@longshore/testing/stores';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStorageDriver } from '../../create-storage-driver.ts';

let server: S3Server;
let secure: Server;
let secureEndpoint = '';
let directory = '';
let certificate = '';

beforeAll(async () => {
  server = await startMinio();
  directory = mkdtempSync(join(tmpdir(), 'tls-'));
  certificate = join(directory, 'certificate.pem');
  const key = join(directory, 'key.pem');
  const subject = ['-subj', '/CN=store', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-nodes', '-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-days', '2', ...subject, ...files], {
    stdio: 'ignore',
  });
  secure = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (incoming, outgoing) => {
    const { method, url: path, rawHeaders: headers } = incoming;
    const { hostname, port } = new URL(server.endpoint);
    const forwarded = request({ hostname, port, method, path, headers, setHost: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  }).listen(0, '127.0.0.1');
  await once(secure, 'listening');
  const address = secure.address();
  if (typeof address === 'object' && address !== null) secureEndpoint = `https://127.0.0.1:${address.port}`;
});

afterAll(async () => {
  secure.closeAllConnections();
  secure.close();
  rmSync(directory, { recursive: true });
  await server.stop();
});

async function checked(changes: Readonly<Record<string, unknown>>): Promise<string> {
  const { accessKey: accesskey, secretKey: secretkey, region, bucket, endpoint: regionendpoint } = server;
  const s3 = { accesskey, secretkey, region, bucket, regionendpoint, maxretries: 0, ...changes };
  const driver = await createStorageDriver({ s3 });
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
  ])('names a wrong %s, and what the store answered', async (parameter, changes, code) => {
    const problem = await checked(changes);
    expect(problem).toMatch(new RegExp(`^StorageError: s3: (?:denied|unavailable).*${code}`));
    expect(problem).toMatch(new RegExp(`see storage\\.s3: .*${parameter}`));
    expect(problem).not.toContain('hidden');
    expect(problem).not.toContain(server.secretKey);
  });

  it('names cabundle for a certificate that nobody vouches for', async () => {
    const problem = await checked({ regionendpoint: secureEndpoint });
    expect(problem).toMatch(/^StorageError: s3: denied.*see storage\.s3: cabundle/);
  });

  it.each(['cabundle', 'skipverify'])('is content with that certificate and %s', async (parameter) => {
    const value = parameter === 'cabundle' ? certificate : true;
    expect(await checked({ regionendpoint: secureEndpoint, [parameter]: value })).toBe('fine');
  });

  it('is content with what is right, encrypted or not, with either kind of checksum', async () => {
    expect(await checked({})).toBe('fine');
    expect(await checked({ encrypt: true, checksums: 'always', rootdirectory: '/below/it' })).toBe('fine');
  });
});
