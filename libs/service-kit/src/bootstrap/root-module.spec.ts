import 'reflect-metadata';
import { loadConfiguration } from '@longshore/configuration';
import { PolicyRights, Rights } from '@longshore/authorization';
import { createLogger, Metrics } from '@longshore/telemetry';
import { NestFactory } from '@nestjs/core';
import { expect, it } from 'vitest';
import { Authenticator, NoAuthentication } from '../access/authenticator.ts';
import { Readiness } from '../health/readiness.ts';
import { Transfers } from '../http/transfers.ts';
import { Lifecycle } from './lifecycle.ts';
import { openRateLimits } from './open-rate-limits.ts';
import { rootModule } from './root-module.ts';

it('shows the transfers of its door that run, and those that each limit refused', async () => {
  const limits = { REGISTRY_HTTP_TRANSFERS_LIMIT: '3', REGISTRY_HTTP_TRANSFERS_PERADDRESS: '2' };
  const context = {
    name: 'example',
    config: loadConfiguration({ environment: { REGISTRY_STORAGE_INMEMORY: '{}', ...limits } }),
    log: createLogger({ level: 'silent' }),
    metrics: new Metrics({ service: 'test' }),
    readiness: new Readiness(),
    lifecycle: new Lifecycle(),
  };
  const module = rootModule(
    context,
    [],
    [[Authenticator, new NoAuthentication()], [Rights, new PolicyRights()], openRateLimits(context)],
  );
  const app = await NestFactory.createApplicationContext(module, { logger: false });
  const transfers = app.get(Transfers, { strict: false });
  const begin = (address: string) => () => transfers.begin({ subject: '', address });
  const [first, second] = [begin('192.0.2.1'), begin('192.0.2.2')];
  first();
  first();
  for (let round = 0; round < 2; round++) expect(first).toThrow('too many requests');
  second();
  expect(second).toThrow('service unavailable');
  const text = await context.metrics.registry.metrics();
  expect(text.match(/^registry_http_transfers.*/gm)).toEqual([
    'registry_http_transfers{service="test"} 3',
    'registry_http_transfers_refused_total{limit="process",service="test"} 1',
    'registry_http_transfers_refused_total{limit="account",service="test"} 0',
    'registry_http_transfers_refused_total{limit="address",service="test"} 2',
  ]);
  await app.close();
});
