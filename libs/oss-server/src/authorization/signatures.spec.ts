import { describe, expect, it } from 'vitest';
import { signV1, stringToSignV1 } from './v1-signature.ts';
import { canonicalRequestV4, signV4, stringToSignV4 } from './v4-signature.ts';

// The requests and their signatures come from the tests of the vendor's Go SDK v2 (oss/signer/signer_test.go, v1.6.1).

const v1Request = (method: string, key: string, query: Record<string, string> = {}) => ({
  method,
  bucket: 'examplebucket',
  key,
  query: new Map(Object.entries(query)),
  headers: { 'x-oss-date': 'Wed, 28 Dec 2022 10:27:41 GMT' },
});

const described = {
  'content-md5': 'eB5eJF1ptWaXm4bijSPyxw==',
  'content-type': 'text/html',
  'x-oss-date': 'Wed, 28 Dec 2022 10:27:41 GMT',
  'x-oss-meta-author': 'alice',
  'x-oss-meta-magic': 'abracadabra',
};

describe('a V1 signature in a header', () => {
  const date = 'Wed, 28 Dec 2022 10:27:41 GMT';

  it.each([
    ['an object', { ...v1Request('PUT', 'nelson'), headers: described }, 'kSHKmLxlyEAKtZPkJhG9bZb5k7M='],
    [
      'a sub-resource',
      { ...v1Request('PUT', 'nelson', { acl: '' }), headers: described },
      '/afkugFbmWDQ967j1vr6zygBLQk=',
    ],
    [
      'a parameter that is none',
      v1Request('GET', '', { resourceGroup: '', 'non-resousce': 'null' }),
      'vkQmfuUDyi1uDi3bKt67oemssIs=',
    ],
    [
      'two sub-resources, sorted',
      v1Request('GET', '', { resourceGroup: '', acl: '' }),
      'x3E5TgOvl/i7PN618s5mEvpJDYk=',
    ],
  ])('covers %s', (_, request, signature) => {
    expect(signV1('sk', stringToSignV1(request, date))).toBe(signature);
  });
});

const signatureOf = (key: string, expires: string, query: Record<string, string>): string => {
  const named = { ...query, OSSAccessKeyId: 'ak', Expires: expires, Signature: 'not signed itself' };
  const request = {
    method: 'GET',
    bucket: 'bucket',
    key,
    headers: {},
    query: new Map(Object.entries(named)),
  };
  return signV1('sk', stringToSignV1(request, expires));
};

describe('a V1 signature in a URL', () => {
  it('covers the expiry and the sub-resources', () => {
    expect(signatureOf('key', '1699807420', { versionId: 'versionId' })).toBe('dcLTea+Yh9ApirQ8o8dOPqtvJXQ=');
  });

  it('covers the security token', () => {
    expect(signatureOf('key+123', '1699808204', { 'security-token': 'token', versionId: 'versionId' })).toBe(
      'jzKYRrM5y6Br0dRFPaTGOsbrDhY=',
    );
  });
});

const parameters = {
  param1: 'value1',
  '+param1': 'value3',
  '|param1': 'value4',
  '+param2': '',
  '|param2': '',
  param2: '',
};

const unsigned = { abc: 'value', zabc: 'value', xyz: 'value', 'x-oss-head1': 'value' };

function signatureV4(date: string, additions: Record<string, string>, options: SignOptions): string {
  const request = {
    method: 'PUT',
    bucket: 'bucket',
    key: '1234+-/123/1.txt',
    headers: { ...unsigned, ...options.headers },
    query: new Map(Object.entries({ ...parameters, ...additions })),
  };
  const scope = { day: date.slice(0, 8), region: 'cn-hangzhou', product: 'oss', ...options.scope };
  const canonical = canonicalRequestV4(request, options.additional ?? []);
  return signV4('sk', scope, stringToSignV4(date, scope, canonical));
}

interface SignOptions {
  readonly headers: Record<string, string>;
  readonly additional?: readonly string[];
  readonly scope?: { readonly region: string; readonly product: string };
}

const inHeader = (date: string) => ({
  'content-type': 'text/plain',
  'x-oss-content-sha256': 'UNSIGNED-PAYLOAD',
  'x-oss-date': date,
});

describe('a V4 signature in a header', () => {
  it('covers path, query and headers', () => {
    const date = '20231216T162057Z';
    expect(signatureV4(date, {}, { headers: inHeader(date) })).toBe(
      'e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe',
    );
  });

  it('covers region and product', () => {
    const date = '20231216T162057Z';
    const scope = { region: 'cb-123', product: 'oss-cloudbox' };
    expect(signatureV4(date, {}, { headers: inHeader(date), scope })).toBe(
      '94ce1f12c17d148ea681030275a94449d3357f5b5b21133996eec80af3e08a43',
    );
  });

  it('covers the security token', () => {
    const date = '20231217T034736Z';
    const headers = { ...inHeader(date), 'x-oss-security-token': 'token' };
    expect(signatureV4(date, {}, { headers })).toBe(
      'b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea',
    );
  });

  it('covers additional headers', () => {
    const date = '20231216T172512Z';
    expect(signatureV4(date, {}, { headers: inHeader(date), additional: ['zabc', 'abc'] })).toBe(
      '4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f',
    );
  });
});

const inUrl = (date: string, additions: Record<string, string> = {}) => ({
  'x-oss-signature-version': 'OSS4-HMAC-SHA256',
  'x-oss-date': date,
  'x-oss-expires': '599',
  'x-oss-credential': `ak/${date.slice(0, 8)}/cn-hangzhou/oss/aliyun_v4_request`,
  'x-oss-signature': 'not signed itself',
  ...additions,
});

describe('a V4 signature in a URL', () => {
  const headers = { 'content-type': 'application/octet-stream' };

  it('covers all parameters but itself', () => {
    const date = '20231217T025437Z';
    expect(signatureV4(date, inUrl(date), { headers })).toBe(
      'a39966c61718be0d5b14e668088b3fa07601033f6518ac7b523100014269c0fe',
    );
  });

  it('covers the security token', () => {
    const date = '20231217T035628Z';
    expect(signatureV4(date, inUrl(date, { 'x-oss-security-token': 'token' }), { headers })).toBe(
      '3817ac9d206cd6dfc90f1c09c00be45005602e55898f26f5ddb06d7892e1f8b5',
    );
  });

  it('covers additional headers', () => {
    const date = '20231217T033009Z';
    const additions = inUrl(date, { 'x-oss-additional-headers': 'abc;zabc' });
    expect(signatureV4(date, additions, { headers, additional: ['abc', 'zabc'] })).toBe(
      '6bd984bfe531afb6db1f7550983a741b103a8c58e5e14f83ea474c2322dfa2b7',
    );
  });
});
