import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@longshore/configuration';
import { afterAll, describe, expect, it } from 'vitest';
import { watchConfiguredChecks } from './configured-checks.ts';
import { Readiness } from './readiness.ts';

const directory = mkdtempSync(join(tmpdir(), 'health-'));
const readinesses: Readiness[] = [];
let status = 200;
const server = createServer((request, response) => {
  const wanted = request.method === 'HEAD' && request.headers['x-check'] === 'yes';
  response.writeHead(wanted ? status : 400).end();
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const bound = server.address();
const addr = `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`;
afterAll(() => {
  for (const readiness of readinesses) readiness.drain();
  server.close();
  rmSync(directory, { recursive: true });
});

function watched(environment: Record<string, string>): Readiness {
  const { health } = loadConfiguration({ environment: { REGISTRY_STORAGE_INMEMORY: '{}', ...environment } });
  const readiness = new Readiness();
  readinesses.push(readiness);
  watchConfiguredChecks(health, readiness);
  return readiness;
}

const patience = { timeout: 5_000 };

describe('watchConfiguredChecks', () => {
  it('makes the service unready while a file of health.file exists', async () => {
    const path = join(directory, 'down');
    const readiness = watched({ REGISTRY_HEALTH_FILE_0_FILE: path, REGISTRY_HEALTH_FILE_0_INTERVAL: '10ms' });
    await expect.poll(() => readiness.missing(), patience).toEqual({});
    writeFileSync(path, '');
    await expect.poll(() => readiness.missing(), patience).toEqual({ 'health.file[0]': 'the file exists' });
    rmSync(path);
    await expect.poll(() => readiness.missing(), patience).toEqual({});
  });

  it('makes it unready while a URL of health.http answers another status', async () => {
    const readiness = watched({
      REGISTRY_HEALTH_HTTP: `[{uri: "http://${addr}/", headers: {X-Check: ["yes"]}, interval: 10ms, threshold: 2}]`,
    });
    await expect.poll(() => readiness.missing(), patience).toEqual({});
    status = 503;
    await expect
      .poll(() => readiness.missing(), patience)
      .toEqual({ 'health.http[0]': 'answered 503, not 200' });
  });

  it('makes it unready while an address of health.tcp accepts no connection', async () => {
    const reached = watched({ REGISTRY_HEALTH_TCP: `[{addr: "${addr}"}]` });
    await expect.poll(() => reached.missing(), patience).toEqual({});
    const readiness = watched({ REGISTRY_HEALTH_TCP: '[{addr: "127.0.0.1:1", interval: 10ms}]' });
    await expect
      .poll(() => readiness.missing(), patience)
      .toEqual({ 'health.tcp[0]': 'connect ECONNREFUSED 127.0.0.1:1' });
  });
});
