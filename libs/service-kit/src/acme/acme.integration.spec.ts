import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, getCACertificates, Server, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { connect as connectPlain, createServer as createPlainServer } from 'node:net';
import { eventually, exchange, freePort, portOf } from '@longshore/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHttpServer } from '../bootstrap/http-server.ts';
import { takeUpRenewedCertificates } from '../bootstrap/renewed-certificates.ts';
import { tlsListener } from '../bootstrap/tls-options.ts';
import type { AcmeSettings } from './acme-orders.ts';
import { startAcme } from './start-acme.ts';
import { type Pebble, pebbleIsMissing, startPebble } from './testing/pebble.ts';

const logInto = (lines: string[]) => ({
  info: (message: string) => void lines.push(message),
  error: (fault: unknown, message: string) => void lines.push(`${message}: ${String(fault)}`),
});
const failuresIn = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => line.includes('no certificate was issued'));
const host = 'registry.example';
const issued = 'a certificate was issued by ACME';
/** Seconds. The last third begins after twenty. */
const life = 30;

describe.skipIf(pebbleIsMissing())('http.tls.letsencrypt', () => {
  const home = mkdtempSync(join(tmpdir(), 'longshore-acme-'));
  let pebble: Pebble;
  let ports: { readonly http: number; readonly tls: number };
  let folders = 0;

  beforeAll(async () => {
    ports = { http: await freePort(), tls: await freePort() };
    pebble = await startPebble({
      httpPort: ports.http,
      tlsPort: ports.tls,
      life,
      addresses: ['127.0.0.1'],
    });
    setDefaultCACertificates([...getCACertificates(), pebble.api]);
  });
  afterAll(async () => {
    await pebble.stop();
    rmSync(home, { recursive: true });
  });

  const running: Server[] = [];
  let lines: string[] = [];
  beforeEach(() => {
    lines = [];
    pebble.addresses = ['127.0.0.1'];
  });
  afterEach(() => {
    for (const server of running.splice(0)) server.close();
  });

  const settingsWith = (more: Partial<AcmeSettings> = {}): AcmeSettings => ({
    cachefile: join(home, `state-${(folders += 1)}`),
    email: 'ops@registry.example',
    hosts: [host],
    directoryurl: pebble.directory,
    challenge: 'tls-alpn-01',
    httpaddr: '',
    ...more,
  });

  /** Starts a replica at an address of its own. */
  async function start(settings: AcmeSettings, address: string): Promise<void> {
    const log = logInto(lines);
    const letsencrypt = { ...settings, httpaddr: `${address}:${ports.http}` };
    const listener = await tlsListener({ letsencrypt });
    const server = createHttpServer((_, response) => response.end('a registry'), listener);
    if (listener === undefined || !(server instanceof Server)) throw new Error('there is no TLS');
    running.push(server);
    await startAcme({
      settings: letsencrypt,
      server,
      log,
      times: { interval: 300, firstPause: 3_000, silence: 5_000 },
    });
    takeUpRenewedCertificates(server, listener, log, 100);
    server.listen(ports.tls, address);
    await once(server, 'listening');
  }

  /** Connects as a client that verifies the certificate. @returns its serial number */
  async function serial(address: string, root: string): Promise<string> {
    const client = await greet(address, root);
    client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const [answer] = await once(client, 'data');
    expect(String(answer)).toContain('HTTP/1.1 200');
    const { serialNumber } = client.getPeerCertificate();
    client.destroy();
    return serialNumber;
  }

  async function greet(address: string, ca: string, more = {}): Promise<TLSSocket> {
    const client = connect({ port: ports.tls, host: address, servername: host, ca, ...more });
    await once(client, 'secureConnect');
    return client;
  }

  it.each(['tls-alpn-01', 'http-01'] as const)(
    'is issued and renewed by %s, once for all replicas, while clients connect',
    { timeout: 120_000 },
    async (challenge) => {
      const settings = settingsWith({ challenge });
      const addresses = ['127.0.0.1', '127.0.0.2'];
      pebble.addresses = addresses;
      await Promise.all(addresses.map((address) => start(settings, address)));
      const root = await pebble.root();
      const [first, other] = await eventually(
        () => Promise.all(addresses.map((address) => serial(address, root))),
        60_000,
      );
      expect(other).toBe(first);
      expect(lines.filter((line) => line === issued)).toHaveLength(1);
      const failures: unknown[] = [];
      let connections = 0;
      const seen = new Set<string>();
      const traffic = addresses.map(async (address) => {
        while (seen.size < 2) {
          try {
            seen.add(await serial(address, root));
          } catch (error) {
            failures.push(error);
          }
          connections += 1;
        }
      });
      await Promise.all(traffic);
      expect(failures.map(String)).toEqual([]);
      expect(lines.filter((line) => line === issued)).toHaveLength(2);
      console.log(`${challenge}: ${connections} connections until the renewal, ${failures.length} failures`);
      // What answered the challenges is gone.
      expect(readdirSync(settings.cachefile).filter((name) => name.includes(challenge))).toEqual([]);
    },
  );

  it('leads people from the port of http-01 to HTTPS, for hosts of ours only', async () => {
    await start(settingsWith({ challenge: 'http-01' }), '127.0.0.1');
    const plain = `http://127.0.0.1:${ports.http}`;
    const ask = (path: string, name: string) => exchange(plain, path, { headers: { host: name } });
    const answer = await ask('/v2/?n=1', `${host}:80`);
    expect([answer.status, answer.headers['location']]).toEqual([308, `https://${host}/v2/?n=1`]);
    expect((await ask('/', 'evil.example')).status).toBe(404);
    for (const name of ['x', '..%2fcertificate.pem', '../certificate.pem', 'a/../../certificate.pem', '%00'])
      expect((await ask(`/.well-known/acme-challenge/${name}`, host)).status, name).toBe(404);
  });

  it('shows no challenge that is not there', { timeout: 90_000 }, async () => {
    await start(settingsWith(), '127.0.0.1');
    const root = await eventually(() => pebble.root());
    await eventually(() => serial('127.0.0.1', root), 60_000);
    const asked = greet('127.0.0.1', root, { ALPNProtocols: ['acme-tls/1'], rejectUnauthorized: false });
    await expect(asked).rejects.toThrow(/handshake failure|ECONNRESET|socket disconnected|hang up/);
    expect(await serial('127.0.0.1', root)).toMatch(/^[0-9A-F]+$/);
  });

  it(
    'pauses after a failed attempt, longer each time, and keeps what it has',
    { timeout: 90_000 },
    async () => {
      const settings = settingsWith();
      pebble.addresses = ['127.0.0.3'];
      await start(settings, '127.0.0.1');
      await eventually(() => expect(failuresIn(lines)).toHaveLength(1), 60_000);
      expect(failuresIn(lines)[0]).toContain('the next attempt is in 3 s');
      await eventually(() => expect(failuresIn(lines)).toHaveLength(2), 60_000);
      expect(failuresIn(lines)[1]).toContain('the next attempt is in 6 s');
      expect(existsSync(join(settings.cachefile, 'certificate.pem'))).toBe(false);
      expect(existsSync(join(settings.cachefile, 'lock'))).toBe(false);
      pebble.addresses = ['127.0.0.1'];
      const root = await pebble.root();
      await eventually(() => serial('127.0.0.1', root), 60_000);
    },
  );

  it('gives up an authority that takes the question and never answers', { timeout: 60_000 }, async () => {
    const silent = createPlainServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const settings = settingsWith({ directoryurl: `http://127.0.0.1:${portOf(silent.address())}/dir` });
    await start(settings, '127.0.0.1');
    await eventually(() => expect(failuresIn(lines)).toHaveLength(1), 30_000);
    expect(failuresIn(lines)[0]).toContain('timeout of 5000ms exceeded');
    expect(existsSync(join(settings.cachefile, 'lock'))).toBe(false);
    silent.close();
  });

  it(
    'answers clients whose first message comes in pieces, and those without TLS',
    { timeout: 90_000 },
    async () => {
      await start(settingsWith(), '127.0.0.1');
      const root = await pebble.root();
      await eventually(() => serial('127.0.0.1', root), 60_000);
      const dribbling = createPlainServer((client) => {
        const server = connectPlain(ports.tls, '127.0.0.1');
        server.pipe(client);
        client.on('data', (chunk: Buffer) => {
          for (const byte of chunk) server.write(Buffer.of(byte));
        });
        for (const end of [client, server])
          end.on('error', () => undefined).on('close', () => server.destroy());
      }).listen(0, '127.0.0.1');
      await once(dribbling, 'listening');
      const port = portOf(dribbling.address());
      const client = await greet('127.0.0.1', root, { port });
      expect(client.authorized).toBe(true);
      client.destroy();
      dribbling.close();
      const answer = await exchange(`http://127.0.0.1:${ports.tls}`, '/v2/');
      expect([answer.status, answer.codes]).toEqual([400, ['UNSUPPORTED']]);
    },
  );
});
