import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverConfiguration } from '@longshore/messaging';
import { requireProgram } from '@longshore/testing';
import { natsVersion } from '../nats-version.ts';
import { busPasswords } from '../secrets/names.ts';
import { makeShared } from './base-image.ts';
import { copyInto, librariesOf } from './copy-into.ts';
import { type Package, programPackage } from './packages.ts';

/**
 * Copies a nats-server with Longshore's configuration. It does not start without the file of passwords beside it, which `npm run secrets` makes.
 * @throws Error if no nats-server is on this machine
 */
export async function layOutNats(root: string): Promise<void> {
  const program = requireProgram(
    'nats-server',
    'apt-get install nats-server, or go install github.com/nats-io/nats-server/v2@v2.15.2',
  );
  for (const folder of ['usr/local/bin', 'etc/nats']) mkdirSync(join(root, folder), { recursive: true });
  makeShared(join(root, 'data'));
  copyFileSync(program, join(root, 'usr/local/bin/nats-server'));
  for (const library of await librariesOf(program)) copyInto(root, library);
  const { syncs } = await natsVersion(program);
  const configuration = serverConfiguration({ syncs, passwordFile: busPasswords });
  writeFileSync(join(root, 'etc/nats/nats.conf'), configuration);
}

export function natsPackage(root: string): Promise<Package> {
  return programPackage(join(root, 'usr/local/bin/nats-server'), {
    name: 'nats-server',
    license: 'Apache-2.0',
    url: 'pkg:golang/github.com/nats-io/nats-server/v2',
  });
}
