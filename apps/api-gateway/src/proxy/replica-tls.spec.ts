import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { loadConfiguration } from '@longshore/configuration';
import { ServiceLog } from '@longshore/service-kit';
import { openDoor } from '@longshore/service-kit/testing';
import { createLogger } from '@longshore/telemetry';
import { exchange, portOf, selfSigned } from '@longshore/testing';
import { afterAll, afterEach, expect, it } from 'vitest';
import { GatewaySettings } from '../gateway-settings.ts';
import { BlobProxyEndpoints } from './blob-proxy.endpoints.ts';
import { ReplicaPulse } from './replica-pulse.ts';
import { Upstreams } from './upstreams.ts';

const blob = `/v2/team/app/blobs/sha256:${'a'.repeat(64)}`;
const home = mkdtempSync(join(tmpdir(), 'longshore-replica-tls-'));
afterAll(() => rmSync(home, { recursive: true }));
const at = (name: string): string => join(home, name);

for (const name of ['first', 'second']) selfSigned(home, name, 'DNS:replicas.example');

const files = (name: string) => ({
  cert: readFileSync(at(`${name}.crt`)),
  key: readFileSync(at(`${name}.key`)),
});

const ends: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(ends.splice(0).map((end) => end())));

/** Starts a replica that reports the server name, the client's certificate and the Host of each request. */
async function replica(host: string): Promise<{ origin: string; renew: (name: string) => void }> {
  const server = createServer(
    { ...files('first'), requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const client = request.socket;
      if (!(client instanceof TLSSocket)) throw new Error('there is no TLS');
      response.setHeader('x-address', host).setHeader('connection', 'close');
      const { CN } = client.getPeerCertificate().subject ?? {};
      response.end([client.servername, request.headers.host, CN].join(' '));
    },
  ).listen(0, host);
  await once(server, 'listening');
  ends.push(async () => server[Symbol.asyncDispose]());
  return {
    origin: `https://${host}:${portOf(server.address())}`,
    renew: (name) => server.setSecureContext(files(name)),
  };
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly address: unknown;
}

/** Sends a request through a gateway that knows the replicas under one name. */
async function behind(
  origins: readonly string[],
  tls: Record<string, string>,
  name = 'replicas.example',
  upstreams = new Upstreams([]),
) {
  const variables = Object.entries(tls).map(([key, file]) => [
    `REGISTRY_SERVICES_BLOBSERVICE_TLS_${key}`,
    file,
  ]);
  const environment = { REGISTRY_STORAGE_INMEMORY: '{}', ...Object.fromEntries(variables) };
  const settings = new GatewaySettings(loadConfiguration({ environment }));
  upstreams.replace(origins.map((origin) => ({ origin, host: name })));
  const pulse = new ReplicaPulse(upstreams, new ServiceLog(createLogger({ level: 'silent' })), settings);
  const proxy = new BlobProxyEndpoints(upstreams, pulse, settings);
  const door = await openDoor({ endpoints: [proxy] });
  ends.push(
    () => pulse.onApplicationShutdown(),
    () => door.close(),
  );
  return async (host = 'registry.example', method = 'GET'): Promise<Answer> => {
    const { status, body, headers } = await exchange(door.origin, blob, { method, headers: { host } });
    return { status, body: body.toString(), address: headers['x-address'] };
  };
}

it('asks each replica at its address, and verifies it by the name that they share', async () => {
  const replicas = await Promise.all(['127.0.0.1', '127.0.0.2'].map(replica));
  const ask = await behind(
    replicas.map(({ origin }) => origin),
    { CA: at('first.crt') },
  );
  const answers = [await ask(), await ask('mirror.example')];
  expect(answers.map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.2']);
  for (const { body } of answers) expect(body).toBe('replicas.example replicas.example ');
});

it('shows its own certificate to replicas that want one', async () => {
  const { origin } = await replica('127.0.0.1');
  const own = { CERTIFICATE: at('second.crt'), KEY: at('second.key') };
  const ask = await behind([origin], { CA: at('first.crt'), ...own });
  expect((await ask()).body).toBe('replicas.example replicas.example second');
});

it.each([
  ['of an authority that nobody told of', {}, 'replicas.example'],
  ['of another name', { CA: at('first.crt') }, 'others.example'],
  ['while the file of its authority is away', { CA: at('nothing.crt') }, 'replicas.example'],
])('answers 503 instead of asking one with a certificate %s', async (_, tls, name) => {
  const { origin } = await replica('127.0.0.1');
  const ask = await behind([origin], tls, name);
  expect((await ask()).status).toBe(503);
});

it('loads an authority that has changed', async () => {
  const { origin, renew } = await replica('127.0.0.1');
  copyFileSync(at('first.crt'), at('ca.crt'));
  const ask = await behind([origin], { CA: at('ca.crt') });
  expect((await ask()).status).toBe(200);
  renew('second');
  expect((await ask()).status).toBe(503);
  copyFileSync(at('second.crt'), at('ca.crt'));
  expect((await ask()).status).toBe(200);
});

it('asks another replica, also to write, if one ends the connection in the handshake', async () => {
  const dying = createTcpServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(dying, 'listening');
  ends.push(async () => dying[Symbol.asyncDispose]());
  const { origin } = await replica('127.0.0.2');
  const ask = await behind([`https://127.0.0.1:${portOf(dying.address())}`, origin], { CA: at('first.crt') });
  expect(await ask('registry.example', 'DELETE')).toMatchObject({ status: 200, address: '127.0.0.2' });
});

it('verifies the next replica by its name, although it has left the list meanwhile', async () => {
  const upstreams = new Upstreams([]);
  const leaving = await replica('127.0.0.2');
  const dying = createTcpServer((socket) => {
    upstreams.replace([{ origin: first, host: 'replicas.example' }]);
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(dying, 'listening');
  ends.push(async () => dying[Symbol.asyncDispose]());
  const first = `https://127.0.0.1:${portOf(dying.address())}`;
  const ask = await behind([first, leaving.origin], { CA: at('first.crt') }, 'replicas.example', upstreams);
  expect(await ask()).toMatchObject({ status: 200, body: 'replicas.example replicas.example ' });
});
