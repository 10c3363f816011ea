import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, Server, type TLSSocket } from 'node:tls';
import { eventually, portOf, selfSigned } from '@longshore/testing';
import { afterAll, afterEach, expect, it } from 'vitest';
import { createHttpServer } from './http-server.ts';
import { takeUpRenewedCertificates } from './renewed-certificates.ts';
import { tlsListener } from './tls-options.ts';

const home = mkdtempSync(join(tmpdir(), 'longshore-renewed-certificates-'));
afterAll(() => rmSync(home, { recursive: true }));
const at = (name: string): string => join(home, name);

for (const name of ['first', 'second']) selfSigned(home, name);

/** Replaces a file atomically, as the kubelet does: the name exists at every moment. */
function place(name: string, file: string): void {
  symlinkSync(at(file), at('new'));
  renameSync(at('new'), at(name));
}

const told: string[] = [];
const log = {
  info: (message: string) => void told.push(message),
  error: (_: unknown, message: string) => void told.push(message),
};
const ends: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(ends.splice(0).map((end) => end())));

async function serve(): Promise<number> {
  place('tls.crt', 'first.crt');
  place('tls.key', 'first.key');
  const listener = await tlsListener({ certificate: at('tls.crt'), key: at('tls.key') });
  const server = createHttpServer((_, response) => response.end('still here'), listener);
  if (listener === undefined || !(server instanceof Server)) throw new Error('there is no TLS');
  takeUpRenewedCertificates(server, listener, log, 20);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  return portOf(server.address());
}

async function greet(port: number): Promise<TLSSocket> {
  const client = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(client, 'secureConnect');
  return client;
}

async function named(port: number): Promise<unknown> {
  const client = await greet(port);
  const { CN } = client.getPeerCertificate().subject;
  client.destroy();
  return CN;
}

it('shows the renewed certificate to new connections, and lets those under way be', async () => {
  const port = await serve();
  expect(await named(port)).toBe('first');
  const early = await greet(port);
  place('tls.key', 'second.key');
  await eventually(() => expect(told).toEqual([expect.stringContaining('cannot be used as they are')]));
  expect(await named(port)).toBe('first');
  place('tls.crt', 'second.crt');
  await eventually(async () => expect(await named(port)).toBe('second'));
  expect(told).toEqual([expect.anything(), 'the renewed files of http.tls are in use']);
  early.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  const [answer] = await once(early, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1.1 200/);
});
