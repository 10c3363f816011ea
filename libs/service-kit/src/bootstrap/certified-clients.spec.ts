import { once } from 'node:events';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type SecureVersion, Server, type TLSSocket } from 'node:tls';
import { eventually, portOf, TestAuthority, type TestCertificate } from '@longshore/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpServer } from './http-server.ts';
import { takeUpRenewedCertificates } from './renewed-certificates.ts';
import { tlsListener, type TlsSettings } from './tls-options.ts';

const authority = new TestAuthority('ours');
afterAll(() => authority.remove());
const server = authority.issue({ names: ['IP:127.0.0.1'] });

/** Each test has its own: the server of the one before may still look at its files. */
let list = '';
let told: string[] = [];
let tests = 0;
const running: Server[] = [];
beforeEach(() => {
  tests += 1;
  list = join(authority.folder, `revoked-${tests}.pem`);
  told = [];
  renewList();
});
afterEach(() => {
  for (const one of running.splice(0)) one.close();
});

/** Replaces the list atomically. @param seconds its life */
function renewList(seconds?: number): void {
  writeFileSync(`${list}.new`, authority.revocationList(seconds));
  renameSync(`${list}.new`, list);
}

function logInto(lines: string[]) {
  return {
    info: (message: string) => void lines.push(message),
    warn: (message: string) => void lines.push(message),
    error: (_: unknown, message: string) => void lines.push(message),
  };
}

/** Answers that are under way, until the test ends them. */
const slow: ServerResponse[] = [];

async function start(more: TlsSettings = {}): Promise<number> {
  const log = logInto(told);
  const listener = await tlsListener(
    {
      certificate: server.certificate,
      key: server.key,
      clientcas: [authority.certificate],
      clientcrls: [list],
      ...more,
    },
    log,
  );
  const made = createHttpServer((request, response) => {
    if (request.url === '/slow') slow.push(response.writeHead(200).on('error', () => undefined));
    else response.end('let in');
    response.flushHeaders();
  }, listener);
  if (listener === undefined || !(made instanceof Server)) throw new Error('there is no TLS');
  running.push(made);
  takeUpRenewedCertificates(made, listener, log, 20);
  made.listen(0, '127.0.0.1');
  await once(made, 'listening');
  return portOf(made.address());
}

const as = ({ cert, secret }: TestCertificate): ConnectionOptions => ({ cert, key: secret });

function open(port: number, options: ConnectionOptions): TLSSocket {
  const client = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  client.on('error', () => undefined);
  return client;
}

/** Sends a request. @returns what came until the server closed, or the answer was there */
async function ask(client: TLSSocket, path = '/'): Promise<string> {
  let text = '';
  client.on('data', (chunk: Buffer) => (text += chunk.toString()));
  client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  await new Promise<void>((resolve) => {
    client.once('close', () => resolve());
    client.on('data', () => resolve());
  });
  return text;
}

async function isLetIn(port: number, options: ConnectionOptions): Promise<boolean> {
  const client = open(port, options);
  const text = await ask(client);
  client.destroy();
  return text.startsWith('HTTP/1.1 200');
}

async function revokeAndWait(certificate: TestCertificate): Promise<void> {
  authority.revoke(certificate);
  renewList();
  await eventually(() => expect(told).toContain('the renewed files of http.tls are in use'));
}

describe('http.tls.clientcrls', () => {
  it.each<SecureVersion>(['TLSv1.2', 'TLSv1.3'])(
    'refuses a revoked certificate, and no other one (%s)',
    async (version) => {
      const [friend, former] = [authority.issue(), authority.issue()];
      authority.revoke(former);
      renewList();
      const limits = { minVersion: version, maxVersion: version };
      for (const clientauth of ['verify-client-cert-if-given', 'require-and-verify-client-cert'] as const) {
        const port = await start({ clientauth });
        expect(await isLetIn(port, { ...as(friend), ...limits })).toBe(true);
        expect(await isLetIn(port, { ...as(former), ...limits })).toBe(false);
        expect(await isLetIn(port, { ...as(former), ...limits })).toBe(false);
      }
      const reason = expect.stringContaining('CERT_REVOKED');
      expect(told).toEqual([reason, reason]);
    },
  );

  it('ends the idle connection of a client that is revoked, and its session', async () => {
    const former = authority.issue();
    const port = await start();
    const client = open(port, { ...as(former), maxVersion: 'TLSv1.2' });
    let session: Buffer | undefined;
    client.on('session', (kept: Buffer) => (session = kept));
    expect(await ask(client)).toMatch(/^HTTP\/1.1 200/);
    expect(session).toBeDefined();
    const again = { ...as(former), maxVersion: 'TLSv1.2', ...(session && { session }) } as const;
    const resumed = open(port, again);
    await once(resumed, 'secureConnect');
    expect(resumed.isSessionReused()).toBe(true);
    const closed = Promise.all([once(client, 'close'), once(resumed, 'close')]);
    await revokeAndWait(former);
    await closed;
    expect(await isLetIn(port, again)).toBe(false);
  });

  it('completes the answer that is under way', async () => {
    const [friend, former] = [authority.issue(), authority.issue()];
    const port = await start();
    const client = open(port, as(friend));
    let text = '';
    client.on('data', (chunk: Buffer) => (text += chunk.toString()));
    client.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually(() => expect(text).toMatch(/^HTTP\/1.1 200/));
    await revokeAndWait(former);
    const closed = once(client, 'close');
    slow.pop()?.end('to the end');
    await closed;
    expect(text).toContain('to the end');
    expect(await isLetIn(port, as(friend))).toBe(true);
  });

  it('does not end connections when only the certificate is renewed', async () => {
    const own = authority.issue({ names: ['IP:127.0.0.1'] });
    const [certificate, key] = [join(authority.folder, 'tls.crt'), join(authority.folder, 'tls.key')];
    writeFileSync(certificate, server.cert);
    writeFileSync(key, server.secret);
    const port = await start({ certificate, key });
    const client = open(port, as(authority.issue()));
    await ask(client);
    writeFileSync(certificate, own.cert);
    writeFileSync(key, own.secret);
    await eventually(() => expect(told).toContain('the renewed files of http.tls are in use'));
    expect(await ask(client)).toMatch(/^HTTP\/1.1 200/);
    client.destroy();
  });

  it('refuses everybody once the list has ended, and the log says why', async () => {
    const friend = authority.issue();
    renewList(1);
    const port = await start();
    await eventually(async () => expect(await isLetIn(port, as(friend))).toBe(false));
    expect(told).toEqual([expect.stringContaining('CRL_HAS_EXPIRED')]);
    renewList();
    await eventually(async () => expect(await isLetIn(port, as(friend))).toBe(true));
  });

  it('keeps the list of before while the new one is none', async () => {
    const former = authority.issue();
    authority.revoke(former);
    renewList();
    const port = await start();
    rmSync(list);
    await eventually(() => expect(told).toEqual([expect.stringContaining('cannot be used as they are')]));
    expect(await isLetIn(port, as(former))).toBe(false);
    expect(await isLetIn(port, as(authority.issue()))).toBe(true);
  });
});
