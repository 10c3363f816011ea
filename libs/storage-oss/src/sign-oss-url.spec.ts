import OSS from 'ali-oss';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ossAddress } from './oss-address.ts';
import { signUrlV1, signUrlV4 } from './sign-oss-url.ts';

const at = new Date('2026-03-01T12:34:56Z');
const name = "root/blobs/a b+c'(d)*";

describe.each([undefined, 'token/+='])('a signed URL with the token %s', (securityToken) => {
  const credentials = { accessKeyId: 'id', accessKeySecret: 'secret', securityToken };
  const address = ossAddress({
    bucket: 'images',
    region: 'cn-beijing',
    internal: false,
    secure: true,
    forcepathstyle: false,
  });
  const wanted = { address, bucket: 'images', name, at, expiresInSeconds: 600, credentials } as const;
  const sdk = new OSS({
    accessKeyId: 'id',
    accessKeySecret: 'secret',
    bucket: 'images',
    region: 'oss-cn-beijing',
    secure: true,
    refreshSTSTokenInterval: 1e9,
    ...(securityToken === undefined ? {} : { stsToken: securityToken }),
  });

  beforeEach(() => vi.useFakeTimers({ now: at, toFake: ['Date'] }));
  afterEach(() => vi.useRealTimers());

  it('of version 4 equals the URL of the SDK at that time', async () => {
    const expected = await sdk.signatureUrlV4('GET', 600, {}, name);
    expect(parts(signUrlV4({ ...wanted, method: 'GET' }, 'cn-beijing'))).toEqual(parts(expected));
  });

  it('of version 1 equals the URL of the SDK at that time', () => {
    expect(parts(signUrlV1({ ...wanted, method: 'GET' }))).toEqual(
      parts(sdk.signatureUrl(name, { expires: 600 })),
    );
  });

  it('of version 4 is valid for at most a week, the limit of the service', () => {
    const url = new URL(signUrlV4({ ...wanted, method: 'GET', expiresInSeconds: 1e7 }, 'cn-beijing'));
    expect(url.searchParams.get('x-oss-expires')).toBe('604800');
  });
});

function parts(url: string): unknown {
  const { origin, pathname, searchParams } = new URL(url);
  return { origin, path: decodeURIComponent(pathname), query: Object.fromEntries(searchParams) };
}
