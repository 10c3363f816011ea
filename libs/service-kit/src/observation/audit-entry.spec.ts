import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { anonymous, type Identity, userNamed } from '@longshore/authorization';
import { matchRoute, OciError, type RouteId, routeIds, routes } from '@longshore/oci';
import { describe, expect, it } from 'vitest';
import type { RequestOutcome } from '../http/request-observer.ts';
import { auditEntryOf } from './audit-entry.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const session = '6f1a2a3e-0f6c-4f0e-9a3c-3f2b8f0f8e11';
const canary = 'canary-7c1f';

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly handler?: string;
  readonly identity?: Identity;
  readonly authorization?: string;
  readonly fault?: unknown;
  readonly isForwarded?: true;
}

function outcomeOf({ method, path, status, authorization, isForwarded, ...more }: Sent): RequestOutcome {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method, url: path });
  if (authorization !== undefined) request.headers.authorization = authorization;
  const match = more.handler === undefined ? matchRoute(method, path) : undefined;
  const client = {
    requestId: 'request-1',
    address: '192.0.2.1',
    host: 'registry.example',
    scheme: 'https',
    userAgent: 'docker/29',
    baseUrl: 'https://registry.example',
    locationBase: '',
    ...(isForwarded === undefined ? {} : { isForwarded }),
  } as const;
  return { request, client, match, handler: match?.id ?? 'x', headers: {}, seconds: 0.1, status, ...more };
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const entryOf = (sent: Sent) => auditEntryOf(outcomeOf(sent), 'api-gateway');

const pathOf = (id: RouteId): string =>
  routes[id].template
    .replace('<name>', 'team/app')
    .replace('<reference>', 'latest')
    .replace('<digest>', digest)
    .replace(/<(?:id|session|upload)>/, session);
const all = routeIds.flatMap((id) => routes[id].methods.map((method) => ({ id, method, path: pathOf(id) })));
const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD';
const changes = all.filter(({ method }) => !isRead(method));
const reads = all.filter(({ method }) => isRead(method));
const token: Identity = { ...userNamed('ann'), credential: { kind: 'token', id: 'jti-1' } };

describe('auditEntryOf', () => {
  it.each(changes)('makes an entry for $method $path, whatever its end', ({ id, method, path }) => {
    for (const [status, outcome] of [
      [201, 'done'],
      [403, 'denied'],
      [404, 'failed'],
      [499, 'failed'],
    ] as const) {
      const entry = entryOf({ method, path, status, identity: token });
      expect(entry).toMatchObject({ action: id, outcome, status, actor: 'ann', credentialId: 'jti-1' });
      expect(entry?.repository).toBe('team/app');
    }
    expect(entryOf({ method, path, status: 401 })).toMatchObject({
      outcome: 'denied',
      actorKind: 'anonymous',
    });
  });

  it.each(reads)('makes an entry for $method $path only if it is denied', ({ id, method, path }) => {
    for (const status of [200, 307, 404, 499])
      expect(entryOf({ method, path, status, identity: token })).toBeUndefined();
    const denied = {
      method,
      path,
      status: 401,
      authorization: 'Bearer x',
      fault: new OciError('UNAUTHORIZED'),
    };
    expect(entryOf(denied)).toMatchObject({ action: id, outcome: 'denied', code: 'UNAUTHORIZED' });
    expect(entryOf({ method, path, status: 403, identity: token })).toMatchObject({ outcome: 'denied' });
    // Each pull without a token begins like this.
    expect(entryOf({ method, path, status: 401 })).toBeUndefined();
  });

  it('makes no entry for a request that another service has forwarded', () => {
    const forwarded = {
      method: 'DELETE',
      path: `/v2/a/blobs/${digest}`,
      status: 202,
      isForwarded: true,
    } as const;
    expect(entryOf(forwarded)).toBeUndefined();
  });

  it('makes an entry for a login, and none for a token without an account', () => {
    const login = { method: 'GET', path: '/auth/token', handler: '/auth/token', status: 200 };
    const authorization = basic(`ann:${canary}`);
    expect(entryOf({ ...login, authorization, identity: userNamed('ann') })).toMatchObject({
      action: 'login',
      outcome: 'done',
      actorKind: 'user',
      actor: 'ann',
      credentialKind: 'password',
    });
    expect(entryOf({ ...login, status: 401, authorization })).toMatchObject({
      action: 'login',
      outcome: 'denied',
      actorKind: 'unproved',
      actor: 'ann',
    });
    expect(entryOf({ ...login, identity: anonymous })).toBeUndefined();
    const base = { method: 'GET', path: '/v2/', status: 200 };
    expect(entryOf({ ...base, authorization, identity: userNamed('ann') })).toMatchObject({
      action: 'login',
    });
    expect(entryOf({ ...base, identity: token })).toBeUndefined();
  });

  it('holds nothing of a password or token, nor a secret in the place of a name', () => {
    const pat = `lsp_${canary}${'Aa'.repeat(12)}`;
    for (const authorization of [
      basic(`ann:${canary}`),
      basic(`${pat}:x`),
      `Bearer ${canary}`,
      `Digest ${canary}`,
    ]) {
      const path = `/v2/team/app/blobs/uploads/?_state=${canary}`;
      const entry = entryOf({ method: 'POST', path, status: 401, authorization });
      expect(JSON.stringify(entry)).not.toContain(canary);
      expect(JSON.stringify(entry)).not.toContain(Buffer.from(canary).toString('base64').slice(0, 8));
    }
  });
});
