import { Controller, Get, Post, UnsupportedMediaTypeException } from '@nestjs/common';
import { OciError } from '@longshore/oci';
import { eventually, exchange, rawExchange } from '@longshore/testing';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anonymous, type ChallengeSettings, type Identity } from '@longshore/authorization';
import { Authenticator } from '../access/authenticator.ts';
import { guardedBy } from '../access/guarded-by.ts';
import { Endpoint } from '../endpoints/endpoint.decorator.ts';
import { openDoor, type OpenDoor } from '../testing/open-door.ts';
import type { ClientFacts } from './client-facts.ts';
import { Client } from './client.decorator.ts';
import { FrontSettings } from './front-settings.ts';
import { json, type Reply } from './reply.ts';

/** Text that no error document of the registry contains, but those of Nest and Fastify do. */
const foreign = /statusCode|FST_|"error":|Cannot GET/;

class Base {
  @Endpoint('base')
  base(): Promise<Reply> {
    return Promise.resolve(json({}));
  }
}

class Closed extends Authenticator {
  override identify(): Identity {
    return anonymous;
  }

  override challenge(): ChallengeSettings {
    return { kind: 'basic', realm: 'Registry' };
  }
}

@Controller('plain')
@guardedBy({ methods: [], templates: [], spec: '', access: { kind: 'open' }, at: 'every listener' })
class Plain {
  @Get('client')
  client(@Client() client: ClientFacts): ClientFacts {
    return client;
  }

  @Get('items/:item')
  item(): string {
    return 'item';
  }

  @Get('refused')
  refused(): string {
    throw new OciError('TOOMANYREQUESTS', undefined, { headers: { 'retry-after': '3' } });
  }

  @Get('broken')
  broken(): string {
    throw new Error('password=hunter2');
  }

  @Post('form')
  form(): string {
    return 'taken';
  }

  @Post('refused-by-nest')
  refusedByNest(): string {
    throw new UnsupportedMediaTypeException();
  }
}

let door: OpenDoor;
beforeAll(async () => {
  door = await openDoor({
    endpoints: [new Base()],
    controllers: [Plain],
    front: new FrontSettings({ headers: { 'Strict-Transport-Security': ['max-age=1'] } }),
  });
});
afterAll(() => door.close());

const lastOutcome = () => door.outcomes.at(-1);

describe('Front, every request', () => {
  it.each(['/', '/v2/', '/v2/nowhere', '/plain/client', '/nowhere', '/plain/broken', '/%ff', '/%'])(
    'has an id, the configured headers and an outcome: %s',
    async (path) => {
      const before = door.outcomes.length;
      const answer = await exchange(door.origin, path, { headers: { 'x-request-id': 'abcdefgh-1234' } });
      expect(answer.headers).toMatchObject({
        'x-request-id': 'abcdefgh-1234',
        'x-content-type-options': 'nosniff',
        'strict-transport-security': 'max-age=1',
      });
      await eventually(() => expect(door.outcomes).toHaveLength(before + 1));
      expect(lastOutcome()).toMatchObject({ status: answer.status, client: { requestId: 'abcdefgh-1234' } });
    },
  );

  it('names a route of a controller by its pattern, and no path that a client made up', async () => {
    await exchange(door.origin, '/plain/items/7');
    await eventually(() => expect(lastOutcome()).toMatchObject({ handler: '/plain/items/:item' }));
    await exchange(door.origin, '/plain/made/up');
    await eventually(() => expect(lastOutcome()).toMatchObject({ handler: 'unmatched', status: 404 }));
  });

  it('tells a controller who asks', async () => {
    const answer = await exchange(door.origin, '/plain/client', { headers: { 'user-agent': 'probe/1' } });
    const told: unknown = answer.json();
    expect(told).toMatchObject({ address: '127.0.0.1', scheme: 'http', userAgent: 'probe/1' });
  });

  it.each(['GET', 'HEAD'])('answers %s / with 200 and nothing', async (method) => {
    const answer = await exchange(door.origin, '/', { method });
    expect([answer.status, answer.body.length, answer.headers['cache-control']]).toEqual([
      200,
      0,
      'no-cache',
    ]);
  });
});

describe('Front, OPTIONS', () => {
  // Headers that registry UIs recommend.
  const cors = {
    'Access-Control-Allow-Origin': ['https://ui.example'],
    'Access-Control-Allow-Methods': ['HEAD', 'GET', 'OPTIONS', 'DELETE'],
    'Access-Control-Allow-Headers': ['Authorization', 'Accept', 'Cache-Control'],
    'Access-Control-Allow-Credentials': ['true'],
  };
  const preflight = {
    method: 'OPTIONS',
    headers: {
      origin: 'https://ui.example',
      'access-control-request-method': 'DELETE',
      'access-control-request-headers': 'authorization',
    },
  };

  it.each(['/v2/team/app/manifests/latest', '/v2/', '/auth/token', '/plain/form'])(
    'answers the preflight of %s without credentials when the headers are configured',
    async (path) => {
      const guarded = await openDoor({
        endpoints: [new Base()],
        controllers: [Plain],
        authenticator: new Closed(),
        front: new FrontSettings({ headers: cors }),
      });
      try {
        const answer = await exchange(guarded.origin, path, preflight);
        expect([answer.status, answer.body.length]).toEqual([204, 0]);
        expect(answer.headers).toMatchObject({
          'access-control-allow-origin': 'https://ui.example',
          'access-control-allow-methods': 'HEAD, GET, OPTIONS, DELETE',
          'access-control-allow-headers': 'Authorization, Accept, Cache-Control',
          'access-control-allow-credentials': 'true',
        });
        expect(guarded.outcomes.at(-1)).toMatchObject({ handler: 'options', status: 204 });
        const refused = await exchange(guarded.origin, '/v2/', { headers: { origin: 'https://ui.example' } });
        expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([
          401,
          'https://ui.example',
        ]);
      } finally {
        await guarded.close();
      }
    },
  );

  it('leaves it to the route when no such header is configured', async () => {
    const answer = await exchange(door.origin, '/v2/', preflight);
    expect([answer.status, answer.codes, answer.headers['allow']]).toEqual([
      405,
      ['UNSUPPORTED'],
      'GET, HEAD',
    ]);
  });

  it('answers for the server as a whole', async () => {
    const answer = await exchange(door.origin, '*', { method: 'OPTIONS' });
    expect(answer.status).toBe(204);
  });
});

describe('Front, faults of controllers', () => {
  it('answers a refusal with its status, headers and error document', async () => {
    const answer = await exchange(door.origin, '/plain/refused');
    expect([answer.status, answer.codes, answer.headers['retry-after']]).toEqual([
      429,
      ['TOOMANYREQUESTS'],
      '3',
    ]);
  });

  it('reveals nothing of a fault except the id under which it is logged', async () => {
    const answer = await exchange(door.origin, '/plain/broken');
    expect([answer.status, answer.codes]).toEqual([500, ['UNKNOWN']]);
    expect(answer.body.toString()).not.toContain('hunter2');
    await eventually(() => expect(lastOutcome()).toMatchObject({ fault: new Error('password=hunter2') }));
  });

  it.each([
    ['GET', '/nowhere', {}, 404],
    // A path that is not UTF-8, and a parameter beyond the router's limit.
    ['GET', '/plain/items/%ff', {}, 400],
    ['GET', `/plain/items/${'x'.repeat(5000)}`, {}, 414],
    ['POST', '/plain/refused-by-nest', {}, 415],
    ['DELETE', '/plain/form', {}, 404],
  ])('shows no document of the framework: %s %s', async (method, path, sent, status) => {
    const answer = await exchange(door.origin, path, { method, ...sent });
    expect([answer.status, answer.codes]).toEqual([status, [expect.any(String)]]);
    expect(answer.body.toString()).not.toMatch(foreign);
  });

  it('shows no document of the framework, whatever method and path are sent', async () => {
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'TRACE', 'LOCK', 'QUERY', 'BREW'];
    const parts = fc.constantFrom(
      '',
      'plain',
      'items',
      'form',
      'v2',
      '%',
      '%2e',
      '%00',
      '..',
      ';',
      '?',
      '*',
      'ü',
    );
    const paths = fc.array(parts, { maxLength: 5 }).map((path) => `/${path.join('/')}`);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...methods), paths, async (method, path) => {
        const head = `${method} ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
        const { status, body } = await rawExchange(door.origin, Buffer.from(head));
        expect(body).not.toMatch(foreign);
        expect(body).toMatch(status < 400 ? /^/ : /^\{"errors":\[\{"code":"[A-Z_]+".*\}\]\}$/);
      }),
      { numRuns: 100 },
    );
  });

  it('leaves a body of any type to the controller, however it is malformed', async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await exchange(door.origin, '/plain/form', { method: 'POST', headers, body: '{"half":' });
    expect([answer.status, answer.body.toString()]).toEqual([201, 'taken']);
  });

  it('answers what is not HTTP once, and with its own document', async () => {
    const answer = await rawExchange(door.origin, 'GET / HTTP/1.1\r\nno colon\r\n\r\n');
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('UNSUPPORTED')]);
    expect(answer.body).not.toMatch(foreign);
  });
});
