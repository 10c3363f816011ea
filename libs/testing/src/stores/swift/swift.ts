import { randomBytes } from 'node:crypto';
import { freePort } from '../process/free-port.ts';
import { makeHome, StoreProcesses, type StoreServer } from '../store-server.ts';
import { KeystoneClient } from './keystone-client.ts';
import { type KeystoneAccess, seedKeystone } from './keystone-seed.ts';
import { keystoneAuth, prepareKeystone } from './keystone.ts';
import { prepareSwift } from './swift-processes.ts';
import type { S3Server } from '../s3/s3-server.ts';
import { logInWithTempauth, swiftRegion, tempauth, type TempauthAccess, tempauthAccess } from './tempauth.ts';

export interface SwiftOptions {
  /** How long a token is good for; an hour by default. Authentication v1 gives the same token to every login until its end. */
  readonly tokenLifeSeconds?: number;
}

export interface SwiftContainer {
  /** Of the account; what a login answers too. */
  readonly storageUrl: string;
  /** Empty, and of this server alone. */
  readonly container: string;
}

export type TempauthSwift = StoreServer & SwiftContainer & TempauthAccess;
export type KeystoneSwift = StoreServer & SwiftContainer & KeystoneAccess;

const hour = 3600;

/**
 * OpenStack Swift with SLO, DLO, TempURL, bulk deletion and server-side copies, behind authentication v1. Takes 5 to 10 s. Its ETag is quoted for
 * SLO and DLO, and plain otherwise; a DLO is listed with 0 bytes; an object that has expired stays listed.
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
 * Swift's S3 API: an S3 of old. It has no aws-chunked bodies, no conditional PUT and no encryption; deleting several objects needs Content-MD5; a
 * HEAD answers with an ETag of its own for what came in parts.
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

/** As `startSwift`, behind Keystone v3, which takes up to a minute. An application credential is refused when it comes with a scope. */
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
