import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { FixedKeys, TokenVerifier } from '@longshore/authorization';
import { portOf } from '@longshore/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { Egress } from '../egress/egress.ts';
import { JoinedKeys, UrlKeys } from './url-keys.ts';

const egress = new Egress({ networks: [], plainhosts: [], ca: undefined, deadline: 500 });
const pair = (kid: string) => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kty: 'EC', kid } };
};
const [one, two] = [pair('one'), pair('two')];

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections();
});
async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  server.unref();
  await once(server, 'listening');
  return `http://127.0.0.1:${portOf(server.address())}/jwks.json`;
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
let issued = 0;
function tokenOf({ kid, privateKey }: ReturnType<typeof pair>): string {
  issued += 1;
  const now = Math.floor(Date.now() / 1000);
  const payload = { iss: 'them', aud: 'us', sub: 'ann', jti: `t-${issued}`, exp: now + 60 };
  const text = `${part({ alg: 'ES256', kid })}.${part(payload)}`;
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}
const verifierOf = (url: string): TokenVerifier =>
  new TokenVerifier({
    issuers: [
      {
        issuer: 'them',
        audience: 'us',
        own: false,
        algorithms: ['ES256'],
        keys: new UrlKeys(egress, url),
      },
    ],
  });

describe('the keys of a token server at a URL', () => {
  it('are fetched once for many tokens, and again for a key that is not known', async () => {
    let asked = 0;
    const keys = [one.jwk];
    const url = await serving((_, response) => {
      asked += 1;
      response.end(JSON.stringify({ keys }));
    });
    const verifier = verifierOf(url);
    for (let token = 0; token < 5; token += 1)
      expect(await verifier.verify(tokenOf(one))).toMatchObject({ subject: 'ann' });
    expect(asked).toBe(1);
    keys.push(two.jwk);
    expect(await verifier.verify(tokenOf(two))).toMatchObject({ subject: 'ann' });
    const unknown = Array.from({ length: 50 }, (_, index) => tokenOf({ ...two, kid: `random-${index}` }));
    for (const token of unknown) await expect(verifier.verify(token)).rejects.toMatchObject({ status: 401 });
    expect(asked).toBe(2);
  });

  it.each<[string, RequestListener]>([
    ['does not answer', () => undefined],
    [
      'answers a byte a second',
      (_, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(' '), 100);
        response.on('close', () => clearInterval(timer));
      },
    ],
    [
      'answers without an end',
      (_, response) => {
        response.writeHead(200);
        const more = (): void => {
          while (response.write(Buffer.alloc(65_536, ' ')));
          response.once('drain', more);
        };
        more();
      },
    ],
    ['answers 500', (_, response) => void response.writeHead(500).end()],
    ['redirects', (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['answers a page', (_, response) => void response.end('<html>')],
    ['answers without keys', (_, response) => void response.end('{"keys":null}')],
  ])('cannot be had from one that %s: 503, soon, and not 401', async (_, listener) => {
    const began = performance.now();
    const verifying = verifierOf(await serving(listener)).verify(tokenOf(one));
    await expect(verifying).rejects.toMatchObject({ status: 503 });
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('are joined with those of a file', async () => {
    const url = await serving((_, response) => response.end(JSON.stringify({ keys: [one.jwk] })));
    const joined = new JoinedKeys([new UrlKeys(egress, url), new FixedKeys([two.jwk])]);
    expect((await joined.keys()).keys.map(({ kid }) => kid)).toEqual(['one', 'two']);
  });
});
