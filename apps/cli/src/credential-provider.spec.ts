import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { respond } from './credential-provider.ts';

const now = Date.UTC(2026, 0, 1);
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = (exp: unknown = now / 1000 + 600): string =>
  `${part({ alg: 'RS256' })}.${part({ exp })}.c2lnbmF0dXJl`;

const request = (more: object = {}): string =>
  JSON.stringify({
    kind: 'CredentialProviderRequest',
    apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
    image: 'registry.example.com:5000/team/app:1',
    serviceAccountToken: token(),
    serviceAccountAnnotations: {},
    ...more,
  });

describe('respond', () => {
  it('gives the service account’s token to the registry of the image, until a minute before it ends', () => {
    expect(respond(request(), now)).toEqual({
      apiVersion: 'credentialprovider.kubelet.k8s.io/v1',
      kind: 'CredentialProviderResponse',
      cacheKeyType: 'Registry',
      cacheDuration: '540s',
      auth: {
        'registry.example.com:5000': { username: 'kubernetes-service-account', password: token() },
      },
    });
  });

  it.each([
    ['expired', token(now / 1000 - 1)],
    ['without an end', token('never')],
    ['that is no JWT', 'opaque'],
  ])('lets the kubelet cache no token %s', (_, serviceAccountToken) => {
    expect(respond(request({ serviceAccountToken }), now).cacheDuration).toBe('0s');
  });

  it.each([undefined, '', null])('has no credentials without a token (%j)', (serviceAccountToken) => {
    expect(respond(request({ serviceAccountToken }), now)).toMatchObject({ cacheDuration: '0s', auth: {} });
  });

  it.each([
    ['another version', request({ apiVersion: 'credentialprovider.kubelet.k8s.io/v1beta1' })],
    ['another kind', request({ kind: 'CredentialProviderResponse' })],
    ['no image', request({ image: undefined })],
    ['an image without a registry', request({ image: 'busybox' })],
    ['no JSON', `{"serviceAccountToken":"canary`],
    ['a list', '[]'],
    ['nothing', ''],
  ])('refuses %s, and quotes nothing of it', (_, text) => {
    expect(() => respond(text, now)).toThrow(/^the request /);
    expect(() => respond(text, now)).not.toThrow('canary');
  });
});

describe('longshore-credential-provider', () => {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-credential-provider-'));
  const program = join(folder, 'longshore-credential-provider');
  const environment = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
  beforeAll(() => {
    const source = readFileSync(join(import.meta.dirname, 'credential-provider.ts'), 'utf8');
    writeFileSync(program, stripTypeScriptTypes(source));
    chmodSync(program, 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is one executable file, without an extension and without packages beside it', () => {
    const answer = execFileSync(program, { input: request(), env: environment, encoding: 'utf8' });
    expect(JSON.parse(answer)).toMatchObject({
      kind: 'CredentialProviderResponse',
      auth: { 'registry.example.com:5000': { password: token() } },
    });
  });

  it('fails with a sentence for the kubelet’s log', () => {
    const { status, stdout, stderr } = spawnSync(program, {
      input: 'x',
      env: environment,
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe('longshore-credential-provider: the request is no JSON object\n');
  });
});
