import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { portOf, TestAuthority } from '@longshore/testing';
import { afterAll, afterEach, expect, it } from 'vitest';
import type { Server } from 'node:http';
import { createHttpServer } from './http-server.ts';
import { tlsListener, type TlsSettings } from './tls-options.ts';

const authority = new TestAuthority();
afterAll(() => authority.remove());
const { certificate, key } = authority.issue({ names: ['IP:127.0.0.1'], kind: 'rsa' });
const running: Server[] = [];
afterEach(() => {
  for (const server of running.splice(0)) server.close();
});

async function start(settings: TlsSettings): Promise<number> {
  const tls = await tlsListener({ certificate, key, ...settings });
  const server = createHttpServer((_request, response) => response.end('let in'), tls);
  running.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return portOf(server.address());
}

/** Makes a handshake with the command line of OpenSSL. @returns protocol and suite, or undefined after a refusal */
async function handshake(port: number, parameters: readonly string[]): Promise<string | undefined> {
  const words = ['s_client', '-connect', `127.0.0.1:${port}`, '-brief', ...parameters];
  return new Promise((resolve) => {
    const child = execFile('openssl', words, { timeout: 20_000 }, (_, out, problems) => {
      const [, version] = /^Protocol version: (\S+)$/m.exec(out + problems) ?? [];
      const [, suite] = /^Ciphersuite: (\S+)$/m.exec(out + problems) ?? [];
      resolve(version === undefined ? undefined : `${version} ${suite}`);
    });
    child.stdin?.end();
  });
}

const versions = ['tls1', 'tls1_1', 'tls1_2', 'tls1_3'] as const;
/** Permits this client what its own defaults forbid, so that a refusal is the server's. */
const lenient = ['-cipher', 'ALL:@SECLEVEL=0'];

async function offered(settings: TlsSettings): Promise<readonly string[]> {
  const port = await start(settings);
  const tried = await Promise.all(
    versions.map(async (version) => ((await handshake(port, [`-${version}`, ...lenient])) ? [version] : [])),
  );
  return tried.flat();
}

it('offers TLS 1.2 and 1.3', async () => {
  expect(await offered({})).toEqual(['tls1_2', 'tls1_3']);
});

it('offers TLS 1.3 only, if told so by http.tls.minimumtls', async () => {
  expect(await offered({ minimumtls: 'tls1.3' })).toEqual(['tls1_3']);
});

/** Returns the suites of TLS 1.3 that a server accepts. */
async function modernSuites(settings: TlsSettings): Promise<readonly string[]> {
  const port = await start(settings);
  const all = [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_CCM_SHA256',
    'TLS_AES_128_CCM_8_SHA256',
  ];
  const tried = await Promise.all(
    all.map(async (suite) =>
      (await handshake(port, ['-tls1_3', '-ciphersuites', suite])) === `TLSv1.3 ${suite}` ? [suite] : [],
    ),
  );
  return tried.flat();
}

it('offers the usual suites of TLS 1.3, and those that are named', async () => {
  expect(await modernSuites({})).toEqual([
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
  ]);
  const ciphersuites = ['TLS_AES_256_GCM_SHA384', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'] as const;
  expect(await modernSuites({ ciphersuites: [...ciphersuites] })).toEqual(['TLS_AES_256_GCM_SHA384']);
});

it('neither renegotiates nor compresses', async () => {
  const port = await start({});
  const words = ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_2'];
  const report = await new Promise<string>((resolve) => {
    const child = execFile('openssl', words, { timeout: 20_000 }, (_, out) => resolve(out));
    child.stdin?.end();
  });
  expect(report).toContain('Secure Renegotiation IS supported');
  expect(report).toContain('Compression: NONE');
});
