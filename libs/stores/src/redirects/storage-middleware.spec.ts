import { generateKeyPairSync, createVerify } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectKey } from '@longshore/storage';
import { portOf } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStorageDriver } from '../create-storage-driver.ts';
import type { CloudFrontOptions } from './cloudfront.ts';
import type { StorageMiddleware } from './storage-middleware.ts';

const key = objectKey('uploads/one');
const get = { method: 'GET', expiresInSeconds: 1200 } as const;
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'middleware-'));
  await writeFile(join(directory, 'key.pem'), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
});
afterAll(() => rm(directory, { recursive: true }));

async function redirect(middleware: readonly StorageMiddleware[], clientAddress?: string) {
  const config = { filesystem: { rootdirectory: directory } };
  const driver = await createStorageDriver(config, { middleware });
  expect(driver.capabilities.redirects).toBe(middleware.length > 0);
  return driver.redirect(key, { ...get, clientAddress });
}

const cdn = { name: 'redirect', options: { baseurl: 'https://cdn.example/v/' } } as const;

describe('middleware of storage', () => {
  it('redirects clients to a server with the same objects', async () => {
    expect(await redirect([cdn])).toBe(`https://cdn.example/v${directory}/uploads/one`);
    expect(await redirect([])).toBeUndefined();
  });

  it('rewrites the URL of the step before it', async () => {
    const options = { scheme: 'http', host: 'cache:81', trimpathprefix: '/v/' };
    expect(await redirect([cdn, { name: 'rewrite', options }])).toBe(
      `http://cache:81${directory}/uploads/one`,
    );
    expect(await redirect([{ name: 'rewrite', options }])).toBeUndefined();
  });
});

const options = (more: Partial<CloudFrontOptions> = {}): CloudFrontOptions => ({
  baseurl: 'https://d1.cloudfront.example',
  privatekey: join(directory, 'key.pem'),
  keypairid: 'K1',
  duration: 1_200_000,
  ipfilteredby: 'none',
  awsregion: [],
  updatefrequency: 3_600_000,
  iprangesurl: 'http://127.0.0.1:1/none',
  ...more,
});

describe('cloudfront', () => {
  it('signs the URL with its key; the URL stays the same for a while, and is valid for at least half its time', async () => {
    const step: StorageMiddleware = { name: 'cloudfront', options: options() };
    const [first, second] = [await redirect([step]), await redirect([step])];
    expect(second).toBe(first);
    const url = new URL(first ?? '');
    const expires = Number(url.searchParams.get('Expires'));
    expect(expires - Date.now() / 1000).toBeGreaterThan(598);
    expect(url.searchParams.get('Key-Pair-Id')).toBe('K1');
    const resource = `${url.origin}${url.pathname}`;
    const condition = { DateLessThan: { 'AWS:EpochTime': expires } };
    const policy = JSON.stringify({ Statement: [{ Resource: resource, Condition: condition }] });
    const signature = url.searchParams
      .get('Signature')
      ?.replaceAll('-', '+')
      .replaceAll('_', '=')
      .replaceAll('~', '/');
    const verify = createVerify('sha1').update(policy);
    expect(verify.verify(pair.publicKey, signature ?? '', 'base64')).toBe(true);
  });

  it('redirects clients in the named regions of AWS to the store', async () => {
    const ranges = {
      prefixes: [
        { ip_prefix: '203.0.113.0/24', region: 'eu-west-1' },
        { ip_prefix: '198.51.100.0/24', region: 'us-east-1' },
      ],
      ipv6_prefixes: [{ ipv6_prefix: '2001:db8::/32', region: 'eu-west-1' }],
    };
    const server = createServer((_, response) => response.end(JSON.stringify(ranges)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const iprangesurl = `http://127.0.0.1:${portOf(server.address())}/`;
    const near = options({ ipfilteredby: 'awsregion', awsregion: ['eu-west-1'], iprangesurl });
    const hosts = ['203.0.113.9', '2001:db8::1', '198.51.100.9', undefined].map(async (address) => {
      const url = await redirect([cdn, { name: 'cloudfront', options: near }], address);
      return new URL(url ?? '').host;
    });
    expect(await Promise.all(hosts)).toEqual([
      'cdn.example',
      'cdn.example',
      'd1.cloudfront.example',
      'd1.cloudfront.example',
    ]);
    server.close();
  });

  it('signs for all clients while the networks of AWS are unknown', async () => {
    const step: StorageMiddleware = { name: 'cloudfront', options: options({ ipfilteredby: 'aws' }) };
    expect(await redirect([step], '203.0.113.9')).toContain('https://d1.cloudfront.example/');
  });
});
