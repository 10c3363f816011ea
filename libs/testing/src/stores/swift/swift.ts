import { randomBytes } from 'node:crypto';
import { freePort } from '../../http/free-port.ts';
import { makeHome, StoreProcesses, type StoreServer } from '../store-server.ts';
import { KeystoneClient } from './keystone-client.ts';
import { type KeystoneAccess, seedKeystone } from './keystone-seed.ts';
import { keystoneAuth, prepareKeystone } from './keystone.ts';
import { prepareSwift } from './swift-processes.ts';
import type { S3Server } from '../s3/s3-server.ts';
import { logInWithTempauth, swiftRegion, tempauth, type TempauthAccess, tempauthAccess } from './tempauth.ts';

export interface SwiftOptions {
  /** Seconds for which a token is valid; an hour by default. Authentication v1 gives the same token to every login until its end. */
  readonly tokenLifeSeconds?: number;
}

export interface SwiftContainer {
  /** URL of the account, which a login returns too. */
  readonly storageUrl: string;
  /** An empty container that only this server has. */
  readonly container: string;
}

export type TempauthSwift = StoreServer & SwiftContainer & TempauthAccess;
export type KeystoneSwift = StoreServer & SwiftContainer & KeystoneAccess;

const hour = 3600;

/**
 * Starts OpenStack Swift with SLO, DLO, TempURL, bulk deletion and server-side copies, behind authentication v1. Takes 5 to 10 s. Its ETag is quoted
 * for SLO and DLO, and plain otherwise; a DLO is listed with 0 bytes; an expired object stays listed.
 */
export async function startSwift({ tokenLifeSeconds = hour }: SwiftOptions = {}): Promise<TempauthSwift> {
  const home = await makeHome('swift');
  const port = await freePort();
  const processes = await prepareSwift(home, port, tempauth(tokenLifeSeconds));
  return new StoreProcesses(home, processes).start(async () => {
    const access = tempauthAccess(port);
    const { token, storageUrl } = await logInWithTempauth(access);
    return { ...access, ...(await createContainer(storageUrl, token)) };
  });
}

/**
 * Starts Swift's S3 API, which is an old S3. It has no aws-chunked bodies, no conditional PUT and no encryption; deleting several objects needs
 * Content-MD5; HEAD answers with its own ETag for an object of parts.
 */
export async function startSwiftS3Api(): Promise<S3Server> {
  const server = await startSwift();
  return Object.assign(server, {
    endpoint: new URL(server.authUrl).origin,
    region: swiftRegion,
    accessKey: server.username,
    secretKey: server.password,
    bucket: server.container,
  });
}

/** Starts the same Swift behind Keystone v3, which takes up to a minute. An application credential with a scope is refused. */
export async function startSwiftWithKeystone(options: SwiftOptions = {}): Promise<KeystoneSwift> {
  const home = await makeHome('swift');
  const port = await freePort();
  const keystonePort = await freePort();
  const [keystone, swift] = await Promise.all([
    prepareKeystone(home, keystonePort, options.tokenLifeSeconds ?? hour),
    prepareSwift(home, port, keystoneAuth(keystonePort)),
  ]);
  return new StoreProcesses(home, [keystone, ...swift]).start(async () => {
    const origin = `http://127.0.0.1:${port}`;
    const access = await seedKeystone(`http://127.0.0.1:${keystonePort}/v3`, origin);
    const token = await new KeystoneClient(access.keystoneUrl, access).token();
    return { ...access, ...(await createContainer(`${origin}/v1/AUTH_${access.projectId}`, token)) };
  });
}

async function createContainer(storageUrl: string, token: string): Promise<SwiftContainer> {
  const container = `longshore-${randomBytes(6).toString('hex')}`;
  const answer = await fetch(`${storageUrl}/${container}`, {
    method: 'PUT',
    headers: { 'x-auth-token': token },
  });
  if (!answer.ok)
    throw new Error(`Swift answered ${answer.status} to a new container: ${await answer.text()}`);
  await answer.body?.cancel();
  return { storageUrl, container };
}
