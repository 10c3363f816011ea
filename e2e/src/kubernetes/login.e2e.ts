import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { exchange, eventually, freePort } from '@longshore/testing';
import { startProvider, TextBrowser } from '@longshore/testing/oidc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attempt } from '../support/command.ts';
import { basic } from '../support/credentials.ts';
import { tryValues, upgrade } from './support/helm.ts';
import { apply, evaluateIn, kubectl, pods } from './support/kubectl.ts';
import { localImage } from './support/local-image.ts';
import { passingNamespace } from './support/namespaces.ts';
import { modest, nodeAddress } from './support/releases.ts';

const nodePort = 30_501;
const registry = `${await nodeAddress()}:${nodePort}`;
const base = `http://${registry}`;
const release = { name: 'longshore', namespace: await passingNamespace('login') };
const { namespace } = release;

// The provider runs on this machine, outside of the cluster.
const host = await addressTowards(await nodeAddress());
const provider = await startProvider({ registries: [base], name: 'company', host });
const providerPort = Number(new URL(provider.issuer).port);
provider.people.set('1', { name: 'alice', groups: ['dev'] });
provider.people.set('2', { name: 'bob', groups: [] });
/** Another server of this machine, which no policy lets anybody reach. */
const other = createServer((socket) => socket.destroy()).listen(await freePort(), host);
await once(other, 'listening');

beforeAll(async () => {
  await apply(namespace, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'providers' },
    stringData: { company: provider.client.secret },
  });
  const values = {
    externalUrl: base,
    apiGateway: { service: { type: 'NodePort', nodePort } },
    auth: { providers: { existingSecret: 'providers' } },
    networkPolicy: { outside: { providers: [{ ipBlock: { cidr: `${host}/32` } }] } },
    configuration: {
      egress: { plainhosts: [host] },
      auth: {
        token: {},
        database: {},
        oidc: {
          providers: [{ name: 'company', issuer: provider.issuer, clientid: provider.client.id }],
        },
      },
      access: {
        accounts: 'none',
        rules: [{ name: 'dev', subjects: ['group:dev'], role: 'maintainer', repositories: ['team/**'] }],
      },
    },
  };
  await upgrade(release, { values: [tryValues, modest, values] });
}, 400_000);

afterAll(async () => {
  other.close();
  await provider.close();
});

/** Returns this machine's address on the way to another one. No packet is sent. */
async function addressTowards(target: string): Promise<string> {
  const socket = createSocket('udp4');
  socket.connect(9, target);
  await once(socket, 'connect');
  const { address } = socket.address();
  socket.close();
  return address;
}

async function loggedIn(sub: string): Promise<TextBrowser> {
  const browser = new TextBrowser();
  await browser.logIn(`${base}/auth/login/company`, sub);
  return browser;
}

/** Makes an access token on the page of the account. */
async function accessToken(sub: string): Promise<string> {
  const browser = await loggedIn(sub);
  await browser.submit({ name: 'laptop', days: '7' });
  return /lsp_\w+/.exec(browser.text)?.[0] ?? '';
}

async function post(path: string, form: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const answer = await exchange(base, path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ client_id: 'longshore', ...form }).toString(),
  });
  return JSON.parse(answer.body.toString());
}

const image = `docker://${registry}/team/app:1`;
const pull = async (credentials: string): Promise<number> =>
  (await attempt('skopeo', ['inspect', '--tls-verify=false', `--creds=${credentials}`, image])).code;

describe('a registry that people log in to with a provider', () => {
  it('gives an access token on its page, with which an image is pushed and pulled', async () => {
    const secret = await accessToken('1');
    expect(secret).toMatch(/^lsp_/);
    const options = ['--quiet', '--dest-tls-verify=false', `--dest-creds=alice:${secret}`];
    const pushed = await attempt('skopeo', ['copy', ...options, localImage('notifier'), image], {
      timeoutMs: 180_000,
    });
    expect(pushed.code, pushed.stderr).toBe(0);
    expect(await pull(`alice:${secret}`)).toBe(0);
    expect(await pull('alice:wrong')).not.toBe(0);
  }, 240_000);

  it('gives a person without the group a token that pulls nothing of it', async () => {
    const secret = await accessToken('2');
    expect(
      (
        await exchange(base, '/v2/', {
          headers: { authorization: basic({ username: 'bob', password: secret }) },
        })
      ).status,
    ).toBe(200);
    expect(await pull(`bob:${secret}`)).not.toBe(0);
  });

  it('gives a terminal a session that a person confirms, by the Service of the gateway', async () => {
    const begun = await post('/auth/device/code', { device: 'terminal' });
    expect(begun['verification_uri_complete']).toMatch(new RegExp(`^${base}/`));
    const browser = new TextBrowser();
    await browser.open(begun['verification_uri_complete'] ?? '');
    await browser.logIn(`${base}/auth/login/company?user_code=${begun['user_code']}`, '1');
    await browser.submit({ button: 'confirm' });
    const session = await post('/auth/device/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: begun['device_code'] ?? '',
    });
    expect(session).toMatchObject({ username: 'alice', access_token: expect.stringMatching(/^lss_/) });
    expect(await pull(`alice:${session['access_token']}`)).toBe(0);
  });
});

/** Returns how connections of a service to ports of this machine end. */
async function reached(component: string, ports: readonly number[]): Promise<readonly string[]> {
  const [pod] = await pods(namespace, component);
  const script = `
    const { connect } = require('node:net');
    Promise.all(${JSON.stringify(ports)}.map((port) => new Promise((resolve) => {
      const socket = connect({ host: '${host}', port, timeout: 3000 });
      const end = (outcome) => { socket.destroy(); resolve(outcome); };
      socket.once('connect', () => end('open')).once('timeout', () => end('timeout')).once('error', ({ code }) => end(code));
    }))).then((all) => console.log(JSON.stringify(all)));`;
  const outcomes: string[] = JSON.parse(await evaluateIn(namespace, pod?.metadata.name ?? '', script));
  return outcomes;
}

it('lets auth-service reach the provider and nothing else of its machine, and no other service', async () => {
  const address = other.address();
  const ports = [providerPort, typeof address === 'object' ? (address?.port ?? 0) : 0];
  expect(await reached('auth-service', ports)).toEqual(['open', 'timeout']);
  expect(await reached('api-gateway', ports)).toEqual(['timeout', 'timeout']);
});

it('gets its first administrator from the pod of commands, with a password that is printed once', async () => {
  const deployment = 'deployment/longshore-cli';
  await kubectl(['scale', deployment, '--replicas=1', `--namespace=${namespace}`]);
  await kubectl(
    ['wait', deployment, '--for=condition=Available', '--timeout=90s', `--namespace=${namespace}`],
    {
      timeoutMs: 100_000,
    },
  );
  await eventually(async () => expect((await pods(namespace, 'cli')).length).toBe(1), 30_000);
  const bootstrap = [
    'exec',
    deployment,
    `--namespace=${namespace}`,
    '--',
    'longshore',
    'admin',
    'bootstrap',
    'root',
  ];
  const printed = await kubectl(bootstrap);
  const password = /^one-time password: (\S+)$/m.exec(printed)?.[1] ?? '';
  const administrator = { headers: { authorization: basic({ username: 'root', password }) } };
  const scope = encodeURIComponent('registry:catalog:*');
  // The rule that makes the administrator is of the database: auth-service knows it about a second later.
  await eventually(async () => {
    const { body } = await exchange(base, `/auth/token?service=longshore&scope=${scope}`, administrator);
    const { token }: { token: string } = JSON.parse(body.toString());
    const listed = await exchange(base, '/v2/_catalog', { headers: { authorization: `Bearer ${token}` } });
    expect([listed.status, listed.json()]).toEqual([200, { repositories: ['team/app'] }]);
  }, 10_000);
  const again = await attempt('kubectl', bootstrap);
  expect([again.code, again.stderr]).toEqual([
    1,
    expect.stringContaining('there is an administrator already'),
  ]);
}, 180_000);
