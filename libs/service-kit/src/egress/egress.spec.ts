import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { portOf, selfSigned } from '@longshore/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { Egress, type EgressSettings, maximumAnswer, type Resolve } from './egress.ts';

const defaults: EgressSettings = { networks: [], plainhosts: [], deadline: 5000 };
const egress = (settings: Partial<EgressSettings> = {}, resolve?: Resolve): Egress =>
  new Egress({ ...defaults, ...settings }, resolve);

const opened: Server[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener, server: Server = createServer()): Promise<number> {
  server.on('request', listener);
  server.listen(0, '127.0.0.1');
  opened.push(server);
  await once(server, 'listening');
  return portOf(server.address());
}

const resolvesTo =
  (...addresses: string[]): Resolve =>
  (_, __, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

describe('Egress', () => {
  it('returns status, headers and body', async () => {
    const port = await serve((request, response) => {
      response.writeHead(418, { 'x-answer': 'yes', 'content-type': 'application/json' });
      response.end(JSON.stringify({ method: request.method, authorization: request.headers.authorization }));
    });
    const answer = await egress().fetch(`http://127.0.0.1:${port}/a`, {
      method: 'POST',
      headers: { authorization: 'Bearer x' },
      body: 'a=b',
    });
    expect([answer.status, answer.headers.get('x-answer')]).toEqual([418, 'yes']);
    expect(await answer.json()).toEqual({ method: 'POST', authorization: 'Bearer x' });
  });

  it.each([301, 302, 303, 307, 308])('refuses a redirect (%s)', async (status) => {
    let asked = 0;
    const port = await serve((_, response) => {
      asked++;
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    await expect(egress().fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('redirect');
    expect(asked).toBe(1);
  });

  it('ends an answer of one byte per second at the deadline', async () => {
    const port = await serve((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('a'), 100);
      response.on('close', () => clearInterval(timer));
    });
    const began = performance.now();
    await expect(egress({ deadline: 400 }).fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow(
      'no answer within the deadline',
    );
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('ends a request to a server that never answers at the deadline', async () => {
    const port = await serve(() => undefined);
    await expect(egress({ deadline: 300 }).fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow(
      'no answer within the deadline',
    );
  });

  it('refuses an answer of 100 MB after about 1 MiB of it', async () => {
    let sent = 0;
    const closed = Promise.withResolvers<void>();
    const port = await serve((_, response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(64 * 1024);
      const more = (): void => {
        while (sent < 100e6 && !response.destroyed) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
      };
      response.on('close', closed.resolve);
      more();
    });
    await expect(egress().fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow(
      `larger than ${maximumAnswer} bytes`,
    );
    await closed.promise;
    expect(sent).toBeLessThan(20e6);
  });

  it('accepts any media type: the API server of Kubernetes has its key set as application/jwk-set+json only', async () => {
    const port = await serve((request, response) => {
      response.end(request.headers.accept);
    });
    expect(await (await egress().fetch(`http://127.0.0.1:${port}/`)).text()).toBe('application/json, */*');
  });

  it('does not expand a compressed answer', async () => {
    const port = await serve((request, response) => {
      response.end(request.headers['accept-encoding']);
    });
    const answer = await egress().fetch(`http://127.0.0.1:${port}/`);
    expect(await answer.text()).toBe('identity');
  });

  it.each([
    'ftp://a.example/',
    'file:///etc/passwd',
    'data:,x',
    'http://a.example/',
    'nonsense',
    'http://10.0.0.1/',
  ])('refuses %s, which is not https', async (url) => {
    await expect(egress({}, resolvesTo('127.0.0.1')).fetch(url)).rejects.toThrow(/not https|not a URL/);
  });

  it('refuses a URL with credentials, and does not repeat them', async () => {
    const refused = egress().fetch('https://user:canary@a.example/canary');
    await expect(refused).rejects.toThrow('holds credentials');
    await expect(refused).rejects.not.toThrow('canary');
  });

  it('contacts a configured host over http', async () => {
    const port = await serve((_, response) => void response.end('plain'));
    const client = egress({ plainhosts: ['idp.example'] }, resolvesTo('127.0.0.1'));
    expect(await (await client.fetch(`http://idp.example:${port}/`)).text()).toBe('plain');
  });

  it('contacts localhost over http only where it is loopback', async () => {
    const port = await serve((_, response) => void response.end('here'));
    expect(await (await egress({}, resolvesTo('127.0.0.1')).fetch(`http://localhost:${port}/`)).text()).toBe(
      'here',
    );
    await expect(egress({}, resolvesTo('10.1.2.3')).fetch(`http://localhost:${port}/`)).rejects.toThrow(
      'not loopback',
    );
  });

  it.each([
    '169.254.169.254',
    '[::ffff:169.254.169.254]',
    '[0:0:0:0:0:ffff:a9fe:a9fe]',
    '[64:ff9b::169.254.169.254]',
    '0xa9fea9fe',
    '2852039166',
    '0251.0376.0251.0376',
    '169.254.43518',
    '[fe80::1]',
    '[fd00:ec2::254]',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '0.0.0.0',
    '[::]',
    '224.0.0.1',
    '255.255.255.255',
  ])('refuses the address %s', async (host) => {
    await expect(egress().fetch(`https://${host}/`)).rejects.toThrow('link-local or a metadata service');
  });

  it.each(['169.254.169.254', 'fe80::1', '::ffff:169.254.169.254', '100.100.100.200'])(
    'refuses a name that resolves to %s when it connects',
    async (address) => {
      await expect(egress({}, resolvesTo(address)).fetch('https://idp.example/')).rejects.toMatchObject({
        name: 'EgressError',
        message: expect.stringContaining('link-local or a metadata service'),
      });
    },
  );

  it('connects to the checked address of a name that has others as well', async () => {
    const port = await serve((_, response) => void response.end('checked'));
    const client = egress({ plainhosts: ['idp.example'] }, resolvesTo('169.254.169.254', '127.0.0.1'));
    expect(await (await client.fetch(`http://idp.example:${port}/`)).text()).toBe('checked');
  });

  it('reaches a link-local address that is configured', async () => {
    const refused = egress({ networks: ['169.254.0.0/16'], deadline: 300 }).fetch('https://169.254.1.1:9/');
    await expect(refused).rejects.not.toThrow('link-local');
  });

  it('trusts the configured authority beside those of the system, and no other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'longshore-egress-'));
    const { certificate, key } = selfSigned(folder, 'provider', 'IP:127.0.0.1');
    const port = await serve(
      (_, response) => void response.end('secure'),
      createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key) }),
    );
    const ca = certificate;
    expect(await (await egress({ ca }).fetch(`https://127.0.0.1:${port}/`)).text()).toBe('secure');
    await expect(egress().fetch(`https://127.0.0.1:${port}/`)).rejects.toThrow(
      /SELF_SIGNED|UNABLE_TO_VERIFY/,
    );
    rmSync(folder, { recursive: true });
    await expect(egress({ ca }).fetch(`https://127.0.0.1:${port}/`)).rejects.toThrow(
      'egress.ca cannot be read',
    );
  });

  it('can be cancelled', async () => {
    const port = await serve(() => undefined);
    const refused = egress().fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(50) });
    await expect(refused).rejects.toMatchObject({ name: 'EgressError' });
  });
});
