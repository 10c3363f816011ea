import 'reflect-metadata';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type Configuration, ConfigurationError, loadConfiguration } from '@longshore/configuration';
import { debugPaths, type ServedRoutes, routesServedBy } from '@longshore/oci';
import { Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { exchange, freePort } from '@longshore/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { PolicyRights, Rights } from '@longshore/authorization';
import { Authenticator, NoAuthentication } from '../access/authenticator.ts';
import { openRateLimits } from './open-rate-limits.ts';
import { rootModule } from './root-module.ts';
import { startFailure } from './run-service.ts';
import { type RunningService, type ServiceDefinition, startService } from './start-service.ts';

function configuration(environment: Record<string, string> = {}): Configuration {
  return loadConfiguration({
    environment: {
      REGISTRY_STORAGE_INMEMORY: '{}',
      REGISTRY_HTTP_ADDR: '127.0.0.1:0',
      REGISTRY_LOG_LEVEL: 'error',
      ...environment,
    },
  });
}

@Module({})
class Feature {}

const events: string[] = [];

@Injectable()
class Worker implements OnApplicationShutdown {
  async onApplicationShutdown(): Promise<void> {
    events.push('the worker stops');
    await Promise.resolve();
    events.push('the worker has stopped');
  }
}

const nothing: ServedRoutes = { endpoints: [], controllers: [] };

const service = (http: boolean, serves = nothing): ServiceDefinition => ({
  name: 'example',
  ...(http ? { serves } : {}),
  needs: [],
  uses: ['listener', 'debug listener'],
  compose: (context) => {
    context.lifecycle.onClose('database', async () => void events.push('the database is closed'));
    const feature = { module: Feature, providers: [Worker] };
    return {
      module: rootModule(
        context,
        [feature],
        [[Authenticator, new NoAuthentication()], [Rights, new PolicyRights()], openRateLimits(context)],
      ),
    };
  },
});

const running: (RunningService | Server)[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map(async (each) => each.close()));
  events.length = 0;
});

/** Listens on an address. @returns the address */
async function occupied(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  running.push(server);
  await once(server, 'listening');
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

async function failureOf(starting: Promise<unknown>): Promise<unknown> {
  try {
    await starting;
  } catch (error) {
    return error;
  }
  throw new Error('it started');
}

describe('startService', () => {
  it.each([true, false])('stops the workers before it closes what they use (http: %s)', async (http) => {
    const started = await startService(service(http), configuration());
    expect(events).toEqual([]);
    await started.close();
    expect(events).toEqual(['the worker stops', 'the worker has stopped', 'the database is closed']);
  });

  it('refuses to start without a handler for a route that it serves, and names the route', async () => {
    const starting = startService(service(true, routesServedBy('blob-service')), configuration());
    expect(startFailure(await failureOf(starting))).toMatch(
      /^Longshore cannot start: no handler for the routes: blob-get \(GET, HEAD \/v2\/<name>\/blobs\/<digest>\); blob-delete .*; upload-cancel \(DELETE \S*\)$/,
    );
    expect(events).toContain('the worker has stopped');
  });

  it('closes all that it opened when its address is in use', async () => {
    const addr = await occupied();
    const failure = await failureOf(startService(service(true), configuration({ REGISTRY_HTTP_ADDR: addr })));
    expect(events).toEqual(['the worker stops', 'the worker has stopped', 'the database is closed']);
    expect(startFailure(failure)).toBe(
      `Longshore cannot start: port ${addr.split(':')[1]} is in use. Stop what listens there, or set REGISTRY_HTTP_ADDR.`,
    );
  });

  it('closes the service again when its debug address is in use', async () => {
    const config = configuration({ REGISTRY_HTTP_DEBUG_ADDR: await occupied() });
    expect(await failureOf(startService(service(true), config))).toMatchObject({ code: 'EADDRINUSE' });
    expect(events).toContain('the database is closed');
  });

  it('reports why composing failed, even if closing fails afterwards', async () => {
    const failing: ServiceDefinition = {
      ...service(false),
      compose: ({ lifecycle }) => {
        lifecycle.onClose('bus', () => Promise.reject(new Error('was never open')));
        throw new Error('no NATS at 127.0.0.1:4222');
      },
    };
    const failure = await failureOf(startService(failing, configuration()));
    expect(startFailure(failure)).toContain('no NATS at 127.0.0.1:4222');
  });

  it('reports what is missing for pushes, and is ready for pulls', async () => {
    const port = await freePort();
    const full: ServiceDefinition = {
      ...service(false),
      compose: (context) => {
        context.readiness.require('storage', () => Promise.reject(new Error('full')), 'pushes');
        context.readiness.tell('storage', () => ({ freeBytes: 1 }));
        return { module: rootModule(context, [Feature], []) };
      },
    };
    const debug = { REGISTRY_HTTP_DEBUG_ADDR: `127.0.0.1:${port}` };
    running.push(await startService(full, configuration(debug)));
    const [pulls, pushes] = await Promise.all(
      ['/health/ready', '/health/ready/push'].map((path) => exchange(`http://127.0.0.1:${port}`, path)),
    );
    const missing = { status: 'not ready', missing: { storage: 'full' } };
    const facts = { pushes: missing, storage: { freeBytes: 1 } };
    expect([pulls?.status, pushes?.status]).toEqual([200, 503]);
    expect(JSON.parse(String(pulls?.body))).toEqual({ status: 'ready', ...facts });
    expect(JSON.parse(String(pushes?.body))).toEqual({ ...missing, ...facts });
  });

  it('answers on the debug address each path of the table, and no other', async () => {
    const addr = `127.0.0.1:${await freePort()}`;
    const debug = { REGISTRY_HTTP_DEBUG_ADDR: addr, REGISTRY_HTTP_DEBUG_PROMETHEUS_ENABLED: 'true' };
    running.push(await startService(service(false), configuration(debug)));
    const statuses = await Promise.all(
      [...debugPaths, '/', '/v2/', '/health'].map(async (path) => [
        path,
        (await exchange(`http://${addr}`, path)).status,
      ]),
    );
    expect(statuses).toEqual([
      ...debugPaths.map((path) => [path, 200]),
      ...['/', '/v2/', '/health'].map((path) => [path, 404]),
    ]);
  });

  it('tells on the debug address whether it is ready, and what is missing', async () => {
    const port = await freePort();
    const missing: ServiceDefinition = {
      ...service(false),
      compose: (context) => {
        context.readiness.require('postgres', () => Promise.reject(new Error('connection refused')));
        return { module: rootModule(context, [Feature], []) };
      },
    };
    const started = await startService(
      missing,
      configuration({
        REGISTRY_HTTP_DEBUG_ADDR: `127.0.0.1:${port}`,
        REGISTRY_HTTP_DEBUG_PROMETHEUS_ENABLED: 'true',
      }),
    );
    running.push(started);
    const origin = `http://127.0.0.1:${port}`;
    expect((await exchange(origin, '/health/live')).status).toBe(200);
    const ready = await exchange(origin, '/health/ready');
    const notReady = { status: 'not ready', missing: { postgres: 'connection refused' } };
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.body.toString())).toEqual({ ...notReady, pushes: notReady });
    expect((await exchange(origin, '/metrics')).body.toString()).toContain('# TYPE');
  });
});

describe('startFailure', () => {
  it('reports the problems of a configuration, without our stack', () => {
    const text = startFailure(new ConfigurationError([{ path: 'http.addr', message: 'is no address' }]));
    expect(text).toBe('the configuration is not valid: http.addr: is no address');
  });

  it('passes on what may not be done', () => {
    const denied = Object.assign(new Error('listen EACCES: permission denied 0.0.0.0:80'), {
      code: 'EACCES',
    });
    expect(startFailure(denied)).toBe('Longshore cannot start: listen EACCES: permission denied 0.0.0.0:80');
  });

  it('reports an error and its causes in one line, each once', () => {
    const cause = new Error('connect ECONNREFUSED 10.0.0.1:4222\n    of four addresses');
    const failure = new Error('no NATS server at nats://bus:4222', { cause: new Error('', { cause }) });
    expect(startFailure(failure)).toBe(
      'Longshore cannot start: no NATS server at nats://bus:4222: Error: connect ECONNREFUSED 10.0.0.1:4222 of four addresses',
    );
    const repeated = new Error('Postgres is unavailable: timeout', { cause: new Error('timeout') });
    expect(startFailure(repeated)).toBe('Longshore cannot start: Postgres is unavailable: timeout');
  });

  it('shows the stack of a defect', () => {
    expect(startFailure(new TypeError('surprise'))).toMatch(/TypeError: surprise\n {4}at /);
  });
});
