import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchange } from '@longshore/testing';
import { type OssServer, startOss } from './index.ts';
import { sdkClient } from './sdk-client.ts';
import { elementOf, signedExchange } from './signed-exchange.ts';

let oss: OssServer;
let skew = 0;

beforeAll(async () => {
  oss = await startOss({ now: () => new Date(Date.now() + skew) });
  await sdkClient(oss).put('a b/object', Buffer.from('signed'));
});

afterAll(() => oss.stop());

const minute = 60_000;

async function skewed<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  skew = milliseconds;
  try {
    return await work();
  } finally {
    skew = 0;
  }
}

const call = (url: string, method = 'GET') =>
  exchange(oss.endpoint, url.slice(oss.endpoint.length), { method });

describe.each([
  [
    'V1',
    (method: 'GET' | 'PUT') =>
      Promise.resolve(sdkClient(oss).signatureUrl('a b/object', { method, expires: 60 })),
  ],
  [
    'V4',
    (method: 'GET' | 'PUT') =>
      sdkClient(oss, { authorizationV4: true }).signatureUrlV4(method, 60, { headers: {} }, 'a b/object'),
  ],
])('a URL signed by the SDK with %s', (version, sign) => {
  it('gives access only to what it was signed for', async () => {
    const url = await sign('GET');
    expect((await call(url)).body.toString()).toBe('signed');
    const others = await Promise.all([
      call(url, 'HEAD'),
      call(url, 'DELETE'),
      call(url.replace('object?', 'other?')),
      call(`${url}&response-content-type=text/html`),
    ]);
    expect(others.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
  });

  it('expires', async () => {
    const url = await sign('GET');
    const late = await skewed(2 * minute, () => call(url));
    expect([late.status, elementOf(late, 'Code'), elementOf(late, 'Message')]).toEqual([
      403,
      'AccessDenied',
      'Request has expired.',
    ]);
  });

  it('carries the token of temporary credentials', async () => {
    const token = oss.issueToken({ expiresAt: new Date(Date.now() + minute) });
    const client = sdkClient(oss, { ...token, stsToken: token.securityToken });
    const url =
      version === 'V1'
        ? client.signatureUrl('a b/object')
        : await client.signatureUrlV4('GET', 60, { headers: {} }, 'a b/object');
    expect((await call(url)).body.toString()).toBe('signed');
    expect((await skewed(2 * minute, () => call(url))).status).toBe(403);
  });
});

const signedAt = (milliseconds: number) =>
  signedExchange(oss, 'a b/object', { date: new Date(Date.now() + milliseconds) });

describe('a signature', () => {
  it('may differ from the clock by up to 15 minutes', async () => {
    expect((await signedAt(14 * minute)).status).toBe(200);
    expect((await signedAt(-14 * minute)).status).toBe(200);
    const early = await signedAt(16 * minute);
    expect([early.status, elementOf(early, 'Code')]).toEqual([403, 'RequestTimeTooSkewed']);
    expect(elementOf(early, 'MaxAllowedSkewMilliseconds')).toBe('900000');
    expect(elementOf(await signedAt(-16 * minute), 'Code')).toBe('RequestTimeTooSkewed');
  });

  it('that is wrong is answered with what should have been signed', async () => {
    const authorization = `OSS ${oss.accessKeyId}:wrong`;
    const date = new Date().toUTCString();
    const answer = await exchange(oss.endpoint, `/${oss.bucket}/key?uploads`, {
      method: 'POST',
      headers: { authorization, date, 'x-oss-meta-a': 'b' },
    });
    expect(answer.status).toBe(403);
    expect(elementOf(answer, 'Code')).toBe('SignatureDoesNotMatch');
    expect(elementOf(answer, 'SignatureProvided')).toBe('wrong');
    expect(elementOf(answer, 'StringToSign')).toBe(
      `POST\n\n\n${date}\nx-oss-meta-a:b\n/${oss.bucket}/key?uploads`,
    );
    expect(elementOf(answer, 'RequestId')).toBe(answer.headers['x-oss-request-id']);
    expect(answer.body.toString()).not.toContain(oss.accessKeySecret);
  });

  it('is required', async () => {
    const answer = await exchange(oss.endpoint, `/${oss.bucket}/a%20b/object`);
    expect([answer.status, elementOf(answer, 'Code')]).toEqual([403, 'AccessDenied']);
  });

  it('must be for the region', async () => {
    const elsewhere = sdkClient(oss, { authorizationV4: true, region: 'oss-cn-beijing' });
    await expect(elsewhere.get('a b/object')).rejects.toMatchObject({ code: 'InvalidArgument', status: 400 });
  });

  it('is checked for HEAD too, whose refusal is in a header', async () => {
    const wrong = sdkClient(oss, { accessKeySecret: 'wrong' });
    await expect(wrong.head('a b/object')).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
      status: 403,
    });
  });
});
