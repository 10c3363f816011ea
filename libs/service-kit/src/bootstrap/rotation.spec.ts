import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import { join } from 'node:path';
import { Server, TLSSocket } from 'node:tls';
import { eventually, portOf, TestAuthority, type TestCertificate } from '@longshore/testing';
import { afterAll, expect, it } from 'vitest';
import { createHttpServer } from './http-server.ts';
import { takeUpRenewedCertificates } from './renewed-certificates.ts';
import { tlsListener } from './tls-options.ts';

const authority = new TestAuthority();
afterAll(() => authority.remove());
const [certificate, key] = [join(authority.folder, 'tls.crt'), join(authority.folder, 'tls.key')];
const made = Array.from({ length: 4 }, () => authority.issue({ names: ['IP:127.0.0.1'] }));

/** Replaces a file atomically. */
function place(path: string, content: string | Buffer): void {
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

const lines: string[] = [];
const log = {
  info: (message: string) => void lines.push(message),
  error: (_: unknown, message: string) => void lines.push(message),
};
const taken = 'the renewed files of http.tls are in use';
const kept = 'the files of http.tls cannot be used as they are; those before stay in use';

/** Serves bodies of many TLS records, and reads its files again every 20 ms. */
async function serve(): Promise<{ readonly port: number; readonly close: () => void }> {
  const listener = await tlsListener({ certificate, key, clientcas: [] });
  const body = Buffer.alloc(100_000, 'x');
  const server = createHttpServer((_, response) => response.end(body), listener);
  if (listener === undefined || !(server instanceof Server)) throw new Error('there is no TLS');
  takeUpRenewedCertificates(server, listener, log, 20);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: portOf(server.address()), close: () => void server.close() };
}

/** Clients that verify the certificate: a third keep their connection, a third connect for each request, a third also resume their session. */
class Traffic {
  readonly failures: string[] = [];
  /** Answers, by the serial number of the certificate of their connection. A resumed session shows none. */
  readonly answers = new Map<string, number>();
  readonly #running: Promise<void>[];
  #ended = false;

  constructor(port: number, clients: number) {
    this.#running = Array.from({ length: clients }, (_, index) =>
      this.#client(
        port,
        new Agent({ keepAlive: index % 3 === 0, maxCachedSessions: index % 3 === 1 ? 0 : 10, maxSockets: 1 }),
      ),
    );
  }

  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#running);
  }

  async #client(port: number, agent: Agent): Promise<void> {
    while (!this.#ended) {
      try {
        const [serial, length] = await ask(port, agent);
        if (length !== 100_000) this.failures.push(`${length} bytes`);
        this.answers.set(serial, (this.answers.get(serial) ?? 0) + 1);
      } catch (error) {
        this.failures.push(String(error));
      }
    }
    agent.destroy();
  }
}

const ca = authority.pem;
async function ask(port: number, agent: Agent): Promise<readonly [serial: string, length: number]> {
  const asked = get({ host: '127.0.0.1', port, agent, ca });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve).once('error', reject);
  });
  if (!(answer.socket instanceof TLSSocket)) throw new Error('there is no TLS');
  const serial = answer.socket.isSessionReused()
    ? 'resumed'
    : answer.socket.getPeerCertificate().serialNumber;
  let length = 0;
  for await (const chunk of answer) length += Buffer.isBuffer(chunk) ? chunk.byteLength : 0;
  return [serial, length];
}

function put({ cert, secret }: TestCertificate): void {
  place(key, secret);
  place(certificate, cert);
}

it(
  'fails no request while certificates are replaced, and bad ones are between them',
  { timeout: 120_000 },
  async () => {
    const [first, ...others] = made;
    if (first === undefined) throw new Error('there is no certificate');
    put(first);
    const { port, close } = await serve();
    const traffic = new Traffic(port, 12);
    for (const [index, next] of others.entries()) {
      lines.length = 0;
      const bad = ['not PEM at all', '', next.cert.subarray(0, 200)][index] ?? '';
      place(certificate, bad);
      await eventually(() => expect(lines).toEqual([kept]));
      put(next);
      await eventually(() => expect(lines.at(-1)).toBe(taken));
      const { serialNumber } = next.x509;
      await eventually(() => expect(traffic.answers.get(serialNumber) ?? 0).toBeGreaterThan(10), 60_000);
    }
    await traffic.end();
    close();
    expect(traffic.failures).toEqual([]);
    const serials = made.map(({ x509 }) => x509.serialNumber);
    expect([...traffic.answers.keys()].toSorted()).toEqual([...serials, 'resumed'].toSorted());
    const sum = [...traffic.answers.values()].reduce((total, count) => total + count, 0);
    console.log(
      `rotation: ${sum} requests, ${others.length} certificates, ${traffic.failures.length} failures`,
    );
  },
);
