import { userNamed, anonymous, type Identity } from '@longshore/authorization';
import type { RouteAccess } from '@longshore/oci';
import { eventually, exchange } from '@longshore/testing';
import { Controller, Get } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDoor, type OpenDoor } from '../testing/open-door.ts';
import { Authenticator, BadCredentials } from './authenticator.ts';
import { guardedBy } from './guarded-by.ts';

const row = (access: RouteAccess) =>
  guardedBy({ methods: [], templates: [], spec: '', access, at: 'every listener' });

/** Controllers like those of a management API. */
@Controller('test/v1')
class Api {
  @Get('status')
  @row({ kind: 'open' })
  status(): string {
    return 'up';
  }

  @Get('me')
  @row({ kind: 'identity' })
  me(): string {
    return 'known';
  }

  @Get('repositories/:name')
  @row({ kind: 'repository', actions: ['pull', 'delete'] })
  repository(): string {
    return 'shown';
  }

  @Get('nameless')
  @row({ kind: 'repository', actions: ['pull'] })
  nameless(): string {
    return 'shown';
  }
}

/** `account` may do everything, `reader` may pull from team/app. */
class Names extends Authenticator {
  override identify({ headers: { authorization } }: IncomingMessage): Identity | Promise<Identity> {
    if (authorization === undefined) return anonymous;
    if (authorization === 'account') return Promise.resolve(userNamed('ann'));
    if (authorization !== 'reader')
      throw new BadCredentials({ reason: 'unknown' }, { error: 'invalid_token' });
    const grants = [{ type: 'repository', name: 'team/app', actions: ['pull'] }] as const;
    return { ...userNamed('bob'), grants };
  }

  override challenge() {
    return { kind: 'bearer', realm: 'https://a.example/token', service: 'a' } as const;
  }
}

let door: OpenDoor;
beforeAll(async () => {
  door = await openDoor({ endpoints: [], controllers: [Api], authenticator: new Names() });
});
afterAll(() => door.close());

const get = (path: string, authorization?: string) =>
  exchange(
    door.origin,
    `/test/v1/${path}`,
    authorization === undefined ? {} : { headers: { authorization } },
  );

describe('the guards of Nest controllers', () => {
  it('ask nobody who they are on an open route, whatever credentials they send', async () => {
    expect((await get('status')).status).toBe(200);
    expect((await get('status', 'wrong')).status).toBe(200);
  });

  it('tell the access log who asks', async () => {
    expect((await get('me', 'account')).body.toString()).toBe('known');
    await eventually(() =>
      expect(door.outcomes.at(-1)).toMatchObject({ handler: '/test/v1/me', subject: 'ann', status: 200 }),
    );
  });

  it.each([
    ['me', undefined, ''],
    ['me', 'wrong', ',error="invalid_token"'],
    ['repositories/team%2Fapp', undefined, ',scope="repository:team/app:pull,delete"'],
    [
      'repositories/team%2Fapp',
      'reader',
      ',scope="repository:team/app:pull,delete",error="insufficient_scope"',
    ],
  ])('refuse %s to %s with the challenge and the document of the door', async (path, authorization, rest) => {
    const answer = await get(path, authorization);
    expect([answer.status, answer.codes]).toEqual([401, ['UNAUTHORIZED']]);
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer realm="https://a.example/token",service="a"${rest}`,
    );
  });

  it('admit clients with the rights of the route', async () => {
    expect((await get('repositories/team%2Fapp', 'account')).body.toString()).toBe('shown');
  });

  it('refuse an invalid name, before the rights are asked about it', async () => {
    const answer = await get('repositories/team%2F..%2Fapp', 'account');
    expect([answer.status, answer.codes]).toEqual([400, ['NAME_INVALID']]);
  });

  it('open nothing where the route asks for a repository and its path has none', async () => {
    expect((await get('nameless', 'account')).status).toBe(400);
  });
});
