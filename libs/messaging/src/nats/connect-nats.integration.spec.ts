import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Configuration } from '@longshore/configuration';
import { nkeys } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { natsServerIsMissing, startNatsServer, type TestNatsOptions } from '../testing/nats-server.ts';
import { natsConnector } from './connect-nats.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
type Credentials = Partial<Configuration['nats']>;

/** Returns the outcomes of connecting with these keys of the `nats` section. */
async function outcomes(
  options: TestNatsOptions,
  attempts: Readonly<Record<string, Credentials>>,
): Promise<Record<string, boolean>> {
  const server = await startNatsServer(options);
  const outcome = async (section: Credentials): Promise<boolean> => {
    const settings = { name: 'api-gateway', largestMessageBytes: 1024, log: silent, startDeadlineMs: 50 };
    const connector = natsConnector({ servers: [`localhost:${server.port}`], ...section }, settings);
    return connector.hold().then(
      () => connector.release().then(() => true),
      () => false,
    );
  };
  try {
    const entries = Object.entries(attempts).map(
      async ([name, section]) => [name, await outcome(section)] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  } finally {
    await server.dispose();
  }
}

describe.skipIf(natsServerIsMissing())('the nats section reaches a server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-nats-section-'));
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  const creds = join(folder, 'user.creds');
  const other = join(folder, 'other.creds');
  let operator = '';

  beforeAll(async () => {
    const name = ['-subj', '/CN=nats', '-addext', 'subjectAltName=DNS:localhost'];
    const files = ['-nodes', '-keyout', key, '-out', certificate, '-days', '2'];
    await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...name, ...files]);
    const known = jwtOperator();
    operator = known.configuration;
    writeFileSync(creds, known.creds);
    writeFileSync(other, jwtOperator().creds);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('by user and password; the user defaults to the service', async () => {
    const further =
      'authorization { users: [{ user: api-gateway, password: one }, { user: u, password: two }] }';
    const attempts = {
      service: { password: 'one' },
      user: { user: 'u', password: 'two' },
      wrong: { user: 'u', password: 'one' },
      nothing: {},
    };
    expect(await outcomes({ further }, attempts)).toEqual({
      service: true,
      user: true,
      wrong: false,
      nothing: false,
    });
  });

  it('by token', async () => {
    const attempts = { right: { token: 'let-me-in' }, wrong: { token: 'other' }, nothing: {} };
    const found = await outcomes({ further: 'authorization { token: let-me-in }' }, attempts);
    expect(found).toEqual({ right: true, wrong: false, nothing: false });
  });

  it('by a file of credentials (JWT and NKey)', async () => {
    const found = await outcomes(
      { further: operator },
      { right: { creds }, wrong: { creds: other }, nothing: {} },
    );
    expect(found).toEqual({ right: true, wrong: false, nothing: false });
  });

  it('by TLS or not at all: a server without it is refused', async () => {
    const tls = { ca: certificate };
    expect(await outcomes({}, { plain: {}, wanted: { tls } })).toEqual({ plain: true, wanted: false });
  });

  it('by TLS, with and without a client certificate', async () => {
    const server = `cert_file: "${certificate}", key_file: "${key}"`;
    const [withOurs, trusting] = [
      { tls: { ca: certificate, certificate, key } },
      { tls: { ca: certificate } },
    ];
    const attempts = { withOurs, trusting, untrusting: { tls: {} }, plain: {} };
    expect(await outcomes({ further: `tls { ${server} }` }, attempts)).toEqual({
      withOurs: true,
      trusting: true,
      untrusting: false,
      plain: false,
    });
    const verifying = `tls { ${server}, ca_file: "${certificate}", verify: true }`;
    expect(await outcomes({ further: verifying }, attempts)).toEqual({
      withOurs: true,
      trusting: false,
      untrusting: false,
      plain: false,
    });
  });
});

/** Returns a server configuration that trusts a new operator, and the credentials of one of its users. */
function jwtOperator(): { configuration: string; creds: string } {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  const free = { subs: -1, data: -1, payload: -1 };
  const accountLimits = { ...free, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const operatorJwt = signed(operator, operator, { type: 'operator', version: 2 });
  const accountJwt = signed(operator, account, { type: 'account', version: 2, limits: accountLimits });
  const userJwt = signed(account, user, { type: 'user', version: 2, pub: {}, sub: {}, ...free });
  const seed = new TextDecoder().decode(user.getSeed());
  return {
    configuration: `operator: ${operatorJwt}\nresolver: MEMORY\nresolver_preload: { ${account.getPublicKey()}: ${accountJwt} }\n`,
    creds: `-----BEGIN NATS USER JWT-----\n${userJwt}\n------END NATS USER JWT------\n
-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
  };
}

function signed(issuer: KeyPair, subject: KeyPair, nats: object): string {
  const claims = {
    jti: 'test',
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    name: 'test',
    sub: subject.getPublicKey(),
    nats,
  };
  const text = [{ typ: 'JWT', alg: 'ed25519-nkey' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString('base64url')}`;
}

type KeyPair = ReturnType<typeof nkeys.createUser>;
