import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../support/command.ts';

/** Fetches an emulator for arm64 programs from Debian, into a folder, without installing it. @returns the program */
export async function fetchEmulator(folder: string): Promise<string> {
  const state = join(folder, 'apt');
  await mkdir(join(state, 'lists/partial'), { recursive: true });
  await mkdir(join(state, 'cache/archives/partial'), { recursive: true });
  const configuration = join(state, 'apt.conf');
  await writeFile(
    configuration,
    `Dir::State "${state}"; Dir::State::status "${state}/status"; Dir::Cache "${state}/cache";
APT::Sandbox::User "root"; Acquire::Languages "none";\n`,
  );
  await writeFile(join(state, 'status'), '');
  const settings = { environment: { APT_CONFIG: configuration }, timeoutMs: 240_000, cwd: folder };
  await run('apt-get', ['update', '--quiet'], settings);
  await run('apt-get', ['download', '--quiet', 'qemu-user-static'], settings);
  const deb = (await readdir(folder)).find((name) => name.endsWith('.deb'));
  if (deb === undefined) throw new Error('apt-get has downloaded nothing');
  const root = join(folder, 'emulator');
  await run('dpkg-deb', ['--extract', join(folder, deb), root]);
  return join(root, 'usr/bin/qemu-aarch64-static');
}
