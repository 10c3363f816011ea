import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { requireProgram } from '@longshore/testing/stores';
import { makeShared } from './base-image.ts';
import { copyInto, librariesOf } from './copy-into.ts';
import { type Package, programPackage } from './packages.ts';

/** @throws Error when no nats-server is on this machine */
export async function layOutNats(root: string, repository: string): Promise<void> {
  const program = await requireProgram(
    'nats-server',
    'apt-get install nats-server, or go install github.com/nats-io/nats-server/v2@v2.15.2',
  );
  for (const folder of ['usr/local/bin', 'etc/nats']) mkdirSync(join(root, folder), { recursive: true });
  makeShared(join(root, 'data'));
  copyFileSync(program, join(root, 'usr/local/bin/nats-server'));
  for (const library of await librariesOf(program)) copyInto(root, library);
  copyFileSync(join(repository, 'tools/nats.conf'), join(root, 'etc/nats/nats.conf'));
}

export function natsPackage(root: string): Promise<Package> {
  return programPackage(join(root, 'usr/local/bin/nats-server'), {
    name: 'nats-server',
    license: 'Apache-2.0',
    url: 'pkg:golang/github.com/nats-io/nats-server/v2',
  });
}
