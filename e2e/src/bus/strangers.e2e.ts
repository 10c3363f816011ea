import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { tinyImage, uniqueRepository } from '@longshore/testing';
import { describe, expect, it } from 'vitest';
import {
  publishing,
  refusedSubject,
  refusedUser,
  sayToBus,
  taken,
  trespasses,
} from '../support/bus-client.ts';
import { attempt } from '../support/command.ts';
import { natsServer } from '../support/nats-server.ts';
import { client, serviceProcesses, target } from '../support/target.ts';

const secrets = join(target.home, 'cluster/secrets');
const passwordOf = async (service: string) => ({
  user: service,
  pass: await readFile(join(secrets, `nats-${service}`), 'utf8'),
});

async function busPort(): Promise<number> {
  const { name } = await natsServer();
  const port = /--port (\d+)/.exec(name)?.[1];
  if (port === undefined) throw new Error(`no port in: ${name}`);
  return Number(port);
}

/** Runs as a user of the machine that did not start the registry. Only root can become another user. */
const asNobody = (program: string, ...words: readonly string[]) =>
  attempt('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', program, ...words]);

describe('the bus of the cluster', () => {
  it('carries a push and a pull', async () => {
    const name = uniqueRepository('bus');
    const image = tinyImage({ content: name });
    await client.pushImage(name, image, '1');
    expect((await client.get(`/v2/${name}/manifests/1`)).body).toEqual(image.bytes);
  });

  it('refuses another user of the machine, who finds no password', async () => {
    const script = `exec 3<>/dev/tcp/127.0.0.1/${await busPort()}
      printf 'CONNECT {"verbose":false}\\r\\n' >&3
      timeout 5 cat <&3`;
    const heard = await asNobody('bash', '-c', script);
    expect(heard.stdout).toMatch(refusedUser);
    expect(heard.stdout).not.toContain('PONG');
    for (const service of ['api-gateway', 'auth-service'])
      expect((await asNobody('cat', join(secrets, `nats-${service}`))).stderr).toContain('Permission denied');
    for (const { pid, name } of await serviceProcesses())
      expect((await asNobody('cat', `/proc/${pid}/environ`)).stderr, name).toContain('Permission denied');
    expect((await stat(secrets)).mode & 0o777).toBe(0o700);
  });

  it('refuses nobody, a guess, and the password of another service', async () => {
    const port = await busPort();
    const gateway = await passwordOf('api-gateway');
    expect(await sayToBus({ port })).toMatch(refusedUser);
    expect(await sayToBus({ port, credentials: { user: 'auth-service', pass: 'guess' } })).toMatch(
      refusedUser,
    );
    expect(await sayToBus({ port, credentials: { ...gateway, user: 'auth-service' } })).toMatch(refusedUser);
    expect(await sayToBus({ port, credentials: gateway })).toBe(taken);
  });

  it.each(trespasses)('refuses it when %s %s', async (service, _does, line) => {
    const credentials = await passwordOf(service);
    expect(await sayToBus({ port: await busPort(), credentials, lines: [line] })).toMatch(refusedSubject);
  });

  it('lets a service say what is its own to say', async () => {
    const credentials = await passwordOf('blob-service');
    const lines = [publishing('longshore.auth.authenticate')];
    expect(await sayToBus({ port: await busPort(), credentials, lines })).toBe(taken);
  });

  it('tells each process the password of its own service alone', async () => {
    const services = ['api-gateway', 'blob-service', 'manifest-service', 'auth-service', 'notifier'];
    const passwords = new Map(
      await Promise.all(
        services.map(async (service) => [service, (await passwordOf(service)).pass] as const),
      ),
    );
    for (const { pid, name } of await serviceProcesses()) {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
      const told = services.filter((service) => environment.includes(passwords.get(service) ?? ''));
      expect(told, name).toEqual(services.filter((service) => name === `longshore-${service}`));
    }
  });
});
