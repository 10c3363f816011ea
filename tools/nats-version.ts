import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Of a nats-server. `syncs` is whether it knows `sync_interval`, which came with 2.10; Debian 12 has 2.9. @throws Error when it does not say */
export async function natsVersion(
  program: string,
): Promise<{ readonly version: string; readonly syncs: boolean }> {
  const { stdout } = await promisify(execFile)(program, ['--version']);
  const [, version = '', major, minor] = /v?((\d+)\.(\d+)\.\S+)/.exec(stdout) ?? [];
  if (version === '') throw new Error(`${program} --version says ${JSON.stringify(stdout.trim())}`);
  return { version, syncs: Number(major) > 2 || (major === '2' && Number(minor) >= 10) };
}
