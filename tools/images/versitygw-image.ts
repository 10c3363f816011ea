import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireProgram } from '@longshore/testing';
import { makeShared } from './base-image.ts';
import { copyInto, copyProgramsInto, librariesOf } from './copy-into.ts';
import type { Package } from './packages.ts';

const place = 'usr/local/bin/versitygw';
const module = 'github.com/versity/versitygw';

/**
 * Copies an S3 server for a first try. docker-compose.yml needs the shell: it gives the server its key from a file, and a folder as a bucket.
 * Versity's own image has both as well.
 * @throws Error if no versitygw is on this machine
 */
export async function layOutVersitygw(root: string): Promise<void> {
  const program = requireProgram('versitygw', `go install ${module}/cmd/versitygw@v1.8.0`);
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
  copyFileSync(program, join(root, place));
  for (const library of await librariesOf(program)) copyInto(root, library);
  await copyProgramsInto(root, ['/bin/sh', '/bin/mkdir']);
  for (const folder of ['data', 'tmp']) makeShared(join(root, folder));
}

/** Reads the version that Go wrote into the program, which reports "git" as its own version after `go install`. */
export function versitygwPackage(root: string): Package {
  const found = new RegExp(`\nmod\t${module}\t(\\S+)\t`).exec(readFileSync(join(root, place), 'latin1'));
  const version = found?.[1] ?? 'unknown';
  return { name: 'versitygw', version, license: 'Apache-2.0', url: `pkg:golang/${module}@${version}` };
}
