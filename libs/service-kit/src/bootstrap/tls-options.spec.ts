import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecureVersion } from 'node:tls';
import { portOf } from '@longshore/testing';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createHttpServer } from './http-server.ts';
import { tlsListener, type TlsSettings } from './tls-options.ts';

const home = mkdtempSync(join(tmpdir(), 'longshore-client-certificates-'));
afterAll(() => rmSync(home, { recursive: true }));
const at = (name: string): string => join(home, name);
const openssl = (...parameters: readonly string[]): Buffer =>
  execFileSync('openssl', parameters, { cwd: home, stdio: ['ignore', 'pipe', 'ignore'] });

/** Creates a certificate `<name>.crt` with its key, signed by itself or by `<authority>.crt`. */
function certificate(
  name: string,
  { authority, kind = 'ec' }: { authority?: string; kind?: 'ec' | 'rsa' } = {},
): void {
  const key = kind === 'rsa' ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const request = ['req', '-newkey', ...key, '-nodes', '-keyout', `${name}.key`, '-subj', `/CN=${name}`];
  if (authority === undefined) {
    openssl(
      ...request,
      '-x509',
      '-days',
      '2',
      '-out',
      `${name}.crt`,
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    );
    return;
  }
  openssl(...request, '-out', `${name}.csr`);
  writeFileSync(at('extensions'), 'extendedKeyUsage=clientAuth\n');
  const signer = ['-CA', `${authority}.crt`, '-CAkey', `${authority}.key`, '-CAcreateserial'];
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    ...signer,
    '-days',
    '2',
    '-extfile',
    'extensions',
    '-out',
    `${name}.crt`,
  );
}

certificate('server');
certificate('server-rsa', { kind: 'rsa' });
certificate('ours');
certificate('theirs');
certificate('friend', { authority: 'ours' });
certificate('stranger', { authority: 'theirs' });

const running: Server[] = [];
afterEach(() => {
  for (const server of running.splice(0)) server.close();
});

async function start(settings: TlsSettings): Promise<number> {
  const tls = await tlsListener({ certificate: at('server.crt'), key: at('server.key'), ...settings });
  const server = createHttpServer((_request, response) => response.end('let in'), tls);
  running.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return portOf(server.address());
}

/** Tells whether a client with this certificate gets an answer. */
async function isLetIn(port: number, client: string | undefined, version: SecureVersion): Promise<boolean> {
  const own =
    client === undefined
      ? {}
      : { cert: readFileSync(at(`${client}.crt`)), key: readFileSync(at(`${client}.key`)) };
  const request = get({
    host: '127.0.0.1',
    port,
    agent: false,
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
    ...own,
  });
  return new Promise((resolve) => {
    request.once('response', (message) => resolve(message.resume().statusCode === 200));
    request.once('error', () => resolve(false));
  });
}

/** The results of distribution 3.1.2, tried with the same certificates: without one, with one of its authority, with one of another. */
const modes: readonly (readonly [mode: TlsSettings['clientauth'], admitted: readonly boolean[]])[] = [
  ['request-client-cert', [true, true, true]],
  ['require-any-client-cert', [false, true, true]],
  ['verify-client-cert-if-given', [true, true, false]],
  ['require-and-verify-client-cert', [false, true, false]],
  [undefined, [false, true, false]],
];

describe('http.tls.clientauth', () => {
  describe.each<SecureVersion>(['TLSv1.2', 'TLSv1.3'])('%s', (version) => {
    it.each(modes)('%s lets in whom distribution lets in', async (clientauth, admitted) => {
      const port = await start({
        clientcas: [at('ours.crt')],
        ...(clientauth === undefined ? {} : { clientauth }),
      });
      const tried = [undefined, 'friend', 'stranger'].map((client) => isLetIn(port, client, version));
      expect(await Promise.all(tried)).toEqual(admitted);
    });

    it('requests no certificate without an authority', async () => {
      const port = await start({ clientcas: [], clientauth: 'require-and-verify-client-cert' });
      expect(await isLetIn(port, undefined, version)).toBe(true);
    });
  });
});

async function takes(port: number, ciphers: string): Promise<boolean> {
  const request = get({
    host: '127.0.0.1',
    port,
    agent: false,
    rejectUnauthorized: false,
    maxVersion: 'TLSv1.2',
    ciphers: `${ciphers}:@SECLEVEL=0`,
  });
  return new Promise((resolve) => {
    request.once('response', (message) => resolve(message.resume().statusCode === 200));
    request.once('error', () => resolve(false));
  });
}

/** Returns the suites of TLS 1.2 that a server accepts, of all that OpenSSL has. */
async function offered(settings: TlsSettings): Promise<string[]> {
  const port = await start(settings);
  const all = openssl('ciphers', '-tls1_2', '-s', 'ALL:@SECLEVEL=0').toString().trim().split(':');
  const taken = await Promise.all(all.map(async (suite) => ((await takes(port, suite)) ? [suite] : [])));
  return taken.flat().toSorted();
}

describe('http.tls.ciphersuites', () => {
  const rsa = { certificate: at('server-rsa.crt'), key: at('server-rsa.key') };

  it('are by default those with forward secrecy and authenticated encryption', async () => {
    expect(await offered(rsa)).toEqual([
      'ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES256-GCM-SHA384',
      'ECDHE-RSA-CHACHA20-POLY1305',
    ]);
    expect(await offered({})).toEqual([
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-CHACHA20-POLY1305',
    ]);
  });

  it('are those that are named', async () => {
    const ciphersuites = ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'TLS_AES_256_GCM_SHA384'] as const;
    expect(await offered({ ...rsa, ciphersuites: [...ciphersuites] })).toEqual([
      'ECDHE-RSA-AES256-GCM-SHA384',
    ]);
  });
});
