import { type ControllerRoute, controllerRoutes, type RouteId, routesServedBy } from '@longshore/oci';
import { Controller, Get } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { Access } from '../access/access.decorator.ts';
import { openDoor } from '../testing/open-door.ts';
import { empty } from '../http/reply.ts';
import { requireHandlers } from './require-handlers.ts';

const gateway = routesServedBy('api-gateway');
const whole = {
  endpoints: { find: () => async () => empty(200) },
  rows: new Set<ControllerRoute>(Object.values(controllerRoutes)),
  isRegistered: (method: string, url: string) =>
    Object.values<ControllerRoute>(controllerRoutes).some(
      ({ methods, templates }) =>
        methods.includes(method) && templates.some((each) => each.replaceAll(/<(\w+)>/g, ':$1') === url),
    ),
};

describe('requireHandlers', () => {
  it('takes a process that has a handler for each route of its own', () => {
    expect(() => requireHandlers(gateway, whole)).not.toThrow();
  });

  it.each(gateway.endpoints)('names %s when nothing answers it', (missing) => {
    const find = (id: RouteId) => (id === missing ? undefined : whole.endpoints.find());
    expect(() => requireHandlers(gateway, { ...whole, endpoints: { find } })).toThrow(
      `no handler for the routes: ${missing} (`,
    );
  });

  it.each(gateway.controllers)('names %s when no controller answers it', (missing) => {
    const rows = new Set([...whole.rows].filter((row) => row !== controllerRoutes[missing]));
    expect(() => requireHandlers(gateway, { ...whole, rows })).toThrow(
      `no handler for the routes: ${missing} (`,
    );
  });

  it('names the path of a row that its controller does not answer', () => {
    const handlers = {
      ...whole,
      isRegistered: (method: string, url: string) =>
        `${method} ${url}` !== 'POST /token' && whole.isRegistered(method, url),
    };
    expect(() => requireHandlers(gateway, handlers)).toThrow('POST /token');
  });
});

@Controller('unguarded')
class Unguarded {
  @Get()
  get(): string {
    return 'anybody';
  }
}

@Controller('misplaced')
class Misplaced {
  @Get()
  @Access('token')
  get(): string {
    return 'elsewhere';
  }
}

describe('a Nest controller', () => {
  it('does not start without @Access', async () => {
    await expect(openDoor({ endpoints: [], controllers: [Unguarded] })).rejects.toThrow(
      'Unguarded.get answers HTTP and has no @Access',
    );
  });

  it('does not start at another path than its row has', async () => {
    await expect(openDoor({ endpoints: [], controllers: [Misplaced] })).rejects.toThrow('GET /auth/token');
  });
});
