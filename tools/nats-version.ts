import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Returns the version of a nats-server. `syncs` tells whether it knows `sync_interval`, which came with 2.10; Debian 12 has 2.9. @throws Error if it
 * reports none
 */
export async function natsVersion(
  program: string,
): Promise<{ readonly version: string; readonly syncs: boolean }> {
  const { stdout } = await promisify(execFile)(program, ['--version']);
  const [, version = '', major, minor] = /v?((\d+)\.(\d+)\.\S+)/.exec(stdout) ?? [];
  if (version === '') throw new Error(`${program} --version says ${JSON.stringify(stdout.trim())}`);
  return { version, syncs: Number(major) > 2 || (major === '2' && Number(minor) >= 10) };
}
