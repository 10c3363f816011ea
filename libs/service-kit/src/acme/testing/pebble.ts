import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  eventually,
  freePort,
  portOf,
  programsAreMissing,
  requireProgram,
  TestAuthority,
} from '@longshore/testing';

/** Returns true if tests that need pebble should be skipped. @throws Error if servers are required and it is missing */
export const pebbleIsMissing = (): boolean => programsAreMissing('pebble');

export interface PebbleOptions {
  /** Port of http-01, at each address. */
  readonly httpPort: number;
  /** Port of tls-alpn-01. */
  readonly tlsPort: number;
  /** Seconds that a certificate is valid. */
  readonly life: number;
  /** Addresses of every host. Each validation asks the next one. */
  readonly addresses: readonly string[];
}

export interface Pebble {
  readonly directory: string;
  /** PEM of the authority that certifies pebble's own API. */
  readonly api: string;
  /** Addresses of every host, to be changed. */
  addresses: readonly string[];
  /** Returns PEM of the root that signs what it issues. */
  root(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts Let's Encrypt's test server, which makes every twentieth nonce invalid, and a name server that leads every host to addresses of the test. */
export async function startPebble({ httpPort, tlsPort, life, addresses }: PebbleOptions): Promise<Pebble> {
  const program = requireProgram('pebble', 'go install github.com/letsencrypt/pebble/v2/cmd/pebble@latest');
  const folder = mkdtempSync(join(tmpdir(), 'longshore-pebble-'));
  const authority = new TestAuthority('pebble API');
  const { certificate, key } = authority.issue({ names: ['IP:127.0.0.1'] });
  const [port, management] = [await freePort(), await freePort()];
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate,
    privateKey: key,
    httpPort,
    tlsPort,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
    retryAfter: { authz: 1, order: 1 },
    keyAlgorithm: 'ecdsa',
    profiles: { default: { description: 'short', validityPeriod: life } },
  };
  writeFileSync(join(folder, 'pebble.json'), JSON.stringify({ pebble }));
  const hosts = { addresses };
  const names = await nameServer(hosts);
  const child = spawn(program, ['-config', 'pebble.json', '-dnsserver', `127.0.0.1:${names.port}`], {
    cwd: folder,
    stdio: 'ignore',
    env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_AUTHZREUSE: '0' },
  });
  const api = authority.pem.toString();
  const root = async (): Promise<string> => fetchText(`https://127.0.0.1:${management}/roots/0`, api);
  await eventually(root, 30_000);
  return {
    directory: `https://127.0.0.1:${port}/dir`,
    api,
    get addresses() {
      return hosts.addresses;
    },
    set addresses(changed) {
      hosts.addresses = changed;
    },
    root,
    stop: async () => {
      await end(child);
      names.close();
      authority.remove();
      rmSync(folder, { recursive: true });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

async function fetchText(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { ca, agent: false }, (answer) => void text(answer).then(resolve, reject)).once('error', reject);
  });
}

const headerLength = 12;

/** Answers each question for an address with the next one, over TCP, as pebble asks. */
async function nameServer(hosts: {
  readonly addresses: readonly string[];
}): Promise<{ readonly port: number; readonly close: () => void }> {
  let asked = 0;
  const server = createServer((client) => {
    client.on('error', () => undefined);
    client.on('data', (message) => {
      // A message begins with its length.
      const query = message.subarray(2);
      const isAddress = typeOf(query) === typeA;
      const address = hosts.addresses[asked % hosts.addresses.length];
      if (isAddress) asked += 1;
      const answer = answerTo(query, isAddress ? address : undefined);
      client.write(Buffer.concat([Buffer.of(answer.length >> 8, answer.length & 0xff), answer]));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: portOf(server.address()), close: () => void server.close() };
}

const typeA = 1;
const endOfQuestion = (query: Buffer): number => query.indexOf(0, headerLength) + 5;
const typeOf = (query: Buffer): number => query.readUInt16BE(endOfQuestion(query) - 4);

function answerTo(query: Buffer, address: string | undefined): Buffer {
  const answers = address === undefined ? [] : [record(address)];
  const header = Buffer.from(query.subarray(0, headerLength));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(answers.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, query.subarray(headerLength, endOfQuestion(query)), ...answers]);
}

/** An A record of the name in the question, valid for no time. */
function record(address: string): Buffer {
  return Buffer.from([0xc0, headerLength, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]);
}
