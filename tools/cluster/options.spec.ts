import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe('npm run cluster', () => {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-cluster-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const withFile = (text: string, environment: Readonly<Record<string, string>> = {}) => {
    const file = join(folder, 'config.yml');
    writeFileSync(file, `version: '0.1'\n${text}`);
    return parseOptions(['--config', file], { LONGSHORE_HOME: folder, ...environment });
  };
  const store = 'storage: inmemory\n';

  it('listens where the file says, unless the environment says something else', () => {
    const file = `${store}http: { addr: '0.0.0.0:5443' }\n`;
    expect(withFile(file).address).toBe('0.0.0.0:5443');
    expect(withFile(file, { REGISTRY_HTTP_ADDR: '127.0.0.1:1' }).address).toBe('127.0.0.1:1');
    expect(withFile(store).address).toBe('127.0.0.1:5000');
    expect(parseOptions([], {}).address).toBe('127.0.0.1:5000');
  });

  it('starts no database or bus if the file names them', () => {
    const file = `${store}postgres: { host: db, password: p }\nnats: { servers: ['n:4222'], token: t }\n`;
    expect(withFile(file)).toMatchObject({
      postgresUrl: expect.stringMatching(/^postgres:\/\/.*@?db/),
      hasBus: true,
      storage: undefined,
    });
    expect(parseOptions([], {})).toMatchObject({ postgresUrl: undefined, hasBus: false });
    expect(parseOptions([], { REGISTRY_NATS_SERVERS_0: 'n:4222' }).hasBus).toBe(true);
  });

  it('refuses TLS, which its processes do not use between each other', () => {
    const file = `${store}http: { tls: { certificate: /c.pem, key: /k.pem } }\n`;
    expect(() => withFile(file)).toThrow('http.tls: npm run cluster speaks plain HTTP');
  });

  it('names every problem of the file before anything starts', () => {
    expect(() => withFile(`${store}http: { adr: x }\nnats: { servers: [] }\n`)).toThrow(
      /http\.adr[^]*nats\.servers/,
    );
  });

  it.each(['0', '17', 'x'])('refuses %s replicas', (replicas) => {
    expect(() => parseOptions(['--replicas', replicas], {})).toThrow('a number from 1 to 16');
  });
});
