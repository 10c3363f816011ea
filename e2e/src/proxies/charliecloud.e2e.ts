import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programPath, uniqueRepository } from '@longshore/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { alice } from '../support/credentials.ts';
import { target } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { makeCertificate, type Proxy } from './documented-proxy.ts';
import { startLoadBalancer } from './load-balancer.ts';

let folder = '';
let proxy: Proxy;
beforeAll(async () => {
  folder = await temporaryFolder('charliecloud');
  await makeCertificate(folder);
  proxy = await startLoadBalancer({ folder, registry: new URL(target.origin).host });
});
afterAll(() => proxy.stop());

/** Uses only TLS, and accepts only a Location with scheme and host. */
it('charliecloud pulls an image, and pushes it under another name', async () => {
  const { host } = new URL(proxy.origin);
  const [image, copy] = ['pulled', 'pushed'].map((name) => `${host}/${uniqueRepository(name)}:1`);
  if (image === undefined || copy === undefined) throw new Error('there is no name');
  const environment = {
    HOME: folder,
    USER: 'tester',
    SSL_CERT_FILE: proxy.certificate,
    REQUESTS_CA_BUNDLE: proxy.certificate,
    CH_IMAGE_STORAGE: join(folder, 'images'),
    CH_IMAGE_USERNAME: alice.username,
    CH_IMAGE_PASSWORD: alice.password,
    // It runs the first python3 on the path, which must be Debian's.
    PATH: `/usr/bin:${programPath}`,
  };
  const settings = { cwd: folder, environment };
  const root = join(folder, 'root');
  await mkdir(join(root, 'etc'), { recursive: true });
  await writeFile(join(root, 'etc/motd'), 'pushed by charliecloud\n');
  await run('tar', ['--create', '--file', 'layer.tar', '--directory', root, '.'], settings);
  const login = ['auth', 'login', '--username', alice.username, '--password', alice.password, host];
  await run('crane', login, settings);
  await run('crane', ['append', '--new_layer', 'layer.tar', '--new_tag', image], settings);
  const chImage = (...words: readonly string[]): Promise<string> =>
    run('ch-image', ['--auth', '--no-cache', ...words], settings);
  await chImage('pull', image);
  await chImage('push', image, copy);
  expect(await run('crane', ['validate', '--remote', copy], settings)).toContain('PASS');
});
