import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { uniqueRepository } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { alice } from '../support/credentials.ts';
import { target } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { makeCertificate, type Proxy, type ProxyPlace, startDocumentedProxy } from './documented-proxy.ts';
import { startLoadBalancer } from './load-balancer.ts';

const earlier = {
  'x-forwarded-proto': 'https',
  'x-forwarded-for': '198.51.100.7',
  'x-forwarded-port': '443',
};
const proxies: readonly (readonly [name: string, start: (place: ProxyPlace) => Promise<Proxy>])[] = [
  ...(['nginx', 'caddy', 'haproxy', 'traefik'] as const).map(
    (name) => [name, (place: ProxyPlace) => startDocumentedProxy(name, place)] as const,
  ),
  ['balancer', (place) => startLoadBalancer(place)],
  ['balancer-behind-another', (place) => startLoadBalancer(place, earlier)],
];

describe.each(proxies)('behind %s as the page on proxies has it', (name, start) => {
  let folder = '';
  let proxy: Proxy;

  beforeAll(async () => {
    folder = await temporaryFolder(name);
    await makeCertificate(folder);
    proxy = await start({ folder, registry: new URL(target.origin).host });
  });

  afterAll(() => proxy.stop());

  const curl = (...options: string[]): Promise<string> =>
    run('curl', ['--silent', '--show-error', '--cacert', proxy.certificate, ...options]);

  it('clients are sent to the public address for their tokens', async () => {
    const head = await curl('--include', `${proxy.origin}/v2/`);
    expect(head).toMatch(/^HTTP\/2 401/);
    expect(head).toContain(`realm="${proxy.origin}/auth/token"`);
  });

  it('a balancer finds the registry alive without credentials', async () => {
    expect(await curl('--output', '/dev/null', '--write-out', '%{http_code}', `${proxy.origin}/`)).toBe(
      '200',
    );
  });

  it('an upload goes on at the public address', async () => {
    const repository = uniqueRepository(name);
    const scope = `repository:${repository}:pull,push`;
    const credentials = `${alice.username}:${alice.password}`;
    const answer = await curl(
      '--user',
      credentials,
      `${proxy.origin}/auth/token?service=registry.test&scope=${scope}`,
    );
    const { token }: { token: string } = JSON.parse(answer);
    const url = `${proxy.origin}/v2/${repository}/blobs/uploads/`;
    const head = await curl(
      '--include',
      '--request',
      'POST',
      '--header',
      `Authorization: Bearer ${token}`,
      url,
    );
    expect(head).toMatch(/^HTTP\/2 202/);
    expect(head).toContain(`location: ${url}`);
  });

  it('an image with a layer of 64 MiB is pushed and pulled', async () => {
    const layer = join(folder, 'layer.bin');
    await writeFile(layer, randomBytes(64 * 1024 * 1024));
    await run('tar', ['--create', '--file', join(folder, 'layer.tar'), '--directory', folder, 'layer.bin']);
    const { host } = new URL(proxy.origin);
    const image = `${host}/${uniqueRepository(name)}:1`;
    const settings = { cwd: folder, environment: { HOME: folder, SSL_CERT_FILE: proxy.certificate } };
    await run(
      'crane',
      ['auth', 'login', '--username', alice.username, '--password', alice.password, host],
      settings,
    );
    await run('crane', ['append', '--new_layer', 'layer.tar', '--new_tag', image], settings);
    expect(await run('crane', ['validate', '--remote', image], settings)).toContain('PASS');
  });
});

it('a connection outlives the 60 s after which balancers let idle ones go', async () => {
  const head = await run('curl', ['--silent', '--include', '--http1.1', target.origin]);
  expect(Number(/^keep-alive: timeout=(\d+)/im.exec(head)?.[1])).toBeGreaterThan(60);
});
