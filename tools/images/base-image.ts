import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyFile } from './copy-into.ts';
import type { Machine } from './machine.ts';

/** User id in our images. A number, since Kubernetes needs one to verify "not root". */
const user = 65_532;

/** Paths of the certificates in Linux distributions, which Node's `--use-openssl-ca` and others read. */
const certificates = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'];

/**
 * Copies the files of a base image without a registry: a machine's Node binary, the libraries that it links, certificates, and nothing that could
 * start a shell. Where a base can be pulled, `node:24-slim` also works (`--base`).
 */
export async function layOutBase(root: string, machine: Machine): Promise<void> {
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
  copyFileSync(await machine.node(), join(root, 'usr/local/bin/node'));
  for (const [path, file] of await machine.libraries()) copyFile(file, join(root, path));
  layOutAccounts(root);
  const found = certificates.find((path) => existsSync(path));
  if (found !== undefined) {
    mkdirSync(join(root, 'etc/ssl/certs'), { recursive: true });
    copyFileSync(found, join(root, 'etc/ssl/certs/ca-certificates.crt'));
  }
}

/** Writes the user's names, a directory for temporary files, and the settings that resolve host names by files and DNS. */
export function layOutAccounts(root: string): void {
  mkdirSync(join(root, 'etc'), { recursive: true });
  for (const path of ['tmp', 'var/lib/registry']) makeShared(join(root, path));
  mkdirSync(join(root, 'home/longshore'), { recursive: true });
  writeFileSync(
    join(root, 'etc/passwd'),
    [
      'root:x:0:0:root:/:/nologin',
      // The user that runs Postgres in a standalone that was started as root.
      'nobody:x:65534:65534:nobody:/:/nologin',
      `longshore:x:${user}:${user}:Longshore:/home/longshore:/nologin\n`,
    ].join('\n'),
  );
  writeFileSync(join(root, 'etc/group'), `root:x:0:\nnogroup:x:65534:\nlongshore:x:${user}:\n`);
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
}

/** Creates a directory that our user may write to, whoever builds the image. */
export function makeShared(path: string): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o1777);
}
