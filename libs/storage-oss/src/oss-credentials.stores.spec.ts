import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { failureOf } from '@longshore/storage/testing';
import { type OssServer, startOss } from '@longshore/oss-server';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openBucket } from './testing/oss-subject.ts';

let oss: OssServer;
let cloud: Server;
let endpoint: string;
/** The requests to the cloud's services. */
let asked: string[] = [];
/** Lifetime in milliseconds of the credentials that they issue. */
let lifetime = 3_600_000;
let hardened = true;

beforeAll(async () => {
  oss = await startOss();
  cloud = createServer((request, response) => void answer(request, response));
  cloud.listen(0, '127.0.0.1');
  await once(cloud, 'listening');
  const address = cloud.address();
  endpoint = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterAll(async () => {
  cloud.close();
  await oss.stop();
});
afterEach(() => {
  asked = [];
  lifetime = 3_600_000;
  hardened = true;
  vi.unstubAllEnvs();
});

/** Answers like the metadata service and STS. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = `${request.method ?? ''} ${request.url ?? ''}`;
  asked.push(`${path} ${await text(request)}`);
  const isTrusted = !hardened || request.headers['x-aliyun-ecs-metadata-token'] === 'session';
  if (path === 'PUT /latest/api/token') response.writeHead(hardened ? 200 : 404).end('session');
  else if (request.method === 'GET' && !isTrusted) response.writeHead(403).end();
  else if (path.endsWith('/security-credentials/')) response.end('puller\n');
  else if (path.endsWith('/security-credentials/puller')) response.end(JSON.stringify(issue()));
  else if (path === 'POST /') response.end(JSON.stringify({ Credentials: issue() }));
  else response.writeHead(404).end();
}

function issue() {
  const expiresAt = new Date(Date.now() + lifetime);
  const { accessKeyId, accessKeySecret, securityToken } = oss.issueToken({ expiresAt });
  return {
    AccessKeyId: accessKeyId,
    AccessKeySecret: accessKeySecret,
    SecurityToken: securityToken,
    Expiration: expiresAt.toISOString(),
  };
}

describe('temporary credentials in the configuration', () => {
  it('are refused once they have expired, with the parameter to check and without a secret', async () => {
    const issued = oss.issueToken({ expiresAt: new Date(Date.now() - 1000) });
    const driver = openBucket(oss, {
      accesskeyid: issued.accessKeyId,
      accesskeysecret: issued.accessKeySecret,
      securitytoken: issued.securityToken,
    });
    const failure = await failureOf(driver.check());
    expect(failure.kind).toBe('denied');
    expect(failure.message).toMatch(/SecurityTokenExpired.*\(see storage\.oss: securitytoken\)/);
    expect(JSON.stringify([failure.message, failure.cause])).not.toContain(issued.securityToken);
    await driver.close();
  });
});

describe('the role of an instance', () => {
  it('gives credentials, once for many calls', async () => {
    const driver = openBucket(oss, { metadataendpoint: endpoint });
    await Promise.all([driver.check(), driver.check()]);
    expect(asked.map((line) => line.trim())).toEqual([
      'PUT /latest/api/token',
      'GET /latest/meta-data/ram/security-credentials/',
      'GET /latest/meta-data/ram/security-credentials/puller',
    ]);
    await driver.close();
  });

  it('can be named, and works with a service without tokens', async () => {
    hardened = false;
    const driver = openBucket(oss, { metadataendpoint: endpoint, ramrole: 'puller' });
    await driver.check();
    expect(asked).toHaveLength(2);
    await driver.close();
  });

  it('gives new credentials before the old ones end', async () => {
    lifetime = 60_000;
    const driver = openBucket(oss, { metadataendpoint: endpoint, ramrole: 'puller' });
    await driver.check();
    const before = asked.length;
    lifetime = 3_600_000;
    await driver.check();
    expect(asked.length).toBeGreaterThan(before);
    await driver.close();
  });

  it('gives new credentials when the store refuses the old ones', async () => {
    const driver = openBucket(oss, { metadataendpoint: endpoint, ramrole: 'puller' });
    await driver.check();
    oss.fault({ kind: 'refuse-credentials', times: 1 });
    await driver.check();
    expect(asked).toHaveLength(4);
    await driver.close();
  });

  it.each([
    [{ ramrole: 'nobody' }, 'denied', /there is no role nobody \(ramrole\)/],
    [{ metadataendpoint: 'http://127.0.0.1:1', maxretries: 0 }, 'unavailable', /metadataendpoint/],
  ])('names the wrong parameter of %j', async (parameters, kind, reason) => {
    const driver = openBucket(oss, { metadataendpoint: endpoint, ...parameters });
    const failure = await failureOf(driver.check());
    expect(failure.kind).toBe(kind);
    expect(failure.message).toMatch(reason);
    await driver.close();
  });
});

describe('the environment', () => {
  it('names the role of a service account', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'rrsa-'));
    const tokenFile = join(directory, 'token');
    const token = randomUUID();
    await writeFile(tokenFile, `${token}\n`);
    vi.stubEnv('ALIBABA_CLOUD_ROLE_ARN', 'acs:ram::1:role/puller');
    vi.stubEnv('ALIBABA_CLOUD_OIDC_PROVIDER_ARN', 'acs:ram::1:oidc-provider/ack');
    vi.stubEnv('ALIBABA_CLOUD_OIDC_TOKEN_FILE', tokenFile);
    const driver = openBucket(oss, { stsendpoint: endpoint });
    await driver.check();
    expect(asked).toHaveLength(1);
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.slice('POST / '.length)))).toMatchObject({
      Action: 'AssumeRoleWithOIDC',
      RoleArn: 'acs:ram::1:role/puller',
      OIDCToken: token,
    });
    await rm(directory, { recursive: true });
    expect((await failureOf(openBucket(oss, { stsendpoint: endpoint }).check())).message).toContain(
      'token file',
    );
    await driver.close();
  });

  it('has keys', async () => {
    vi.stubEnv('ALIBABA_CLOUD_ACCESS_KEY_ID', oss.accessKeyId);
    vi.stubEnv('ALIBABA_CLOUD_ACCESS_KEY_SECRET', oss.accessKeySecret);
    const driver = openBucket(oss, {});
    await expect(driver.check()).resolves.toBeUndefined();
    await driver.close();
  });
});
