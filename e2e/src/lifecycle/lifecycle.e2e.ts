import { createServer } from 'node:net';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  eventually,
  freePort,
  isAlive,
  RegistryClient,
  tinyImage,
  uniqueRepository,
} from '@longshore/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type Form, type Registry, startRegistry, temporaryHome } from '../runner/registry.ts';
import { storage } from '../runner/configurations.ts';
import { expectStatus, expectWhole } from '../support/expectations.ts';
import { kill, processesBelow } from '../support/processes.ts';
import { target } from '../support/target.ts';

const form: Form = target.form === 'cluster' ? 'cluster' : 'standalone';
const longMs = 240_000;
let running: Registry | undefined;

afterEach(async () => {
  await running?.stop();
  await running?.discard();
  running = undefined;
});

async function pushed(registry: Registry): Promise<() => Promise<void>> {
  const client = new RegistryClient(registry.origin);
  const name = uniqueRepository('kept');
  const image = tinyImage({ content: name });
  await client.pushImage(name, image, 'latest');
  return () => expectWhole(new RegistryClient(running?.origin ?? ''), name, image, 'latest');
}

describe(form, () => {
  it(
    'says that it is ready, keeps what was pushed over a restart, and starts quickly then',
    { timeout: longMs },
    async () => {
      running = await startRegistry({ form });
      await eventually(async () => {
        expect(await readFile(running?.log ?? '', 'utf8')).toMatch(/ready.*docker push .*\/team\/app:1/);
      });
      const expectKept = await pushed(running);
      // The quickest of several: something else may use the machine at any of them.
      const tookMs: number[] = [];
      const limitMs = form === 'standalone' ? 6000 : 30_000;
      for (let start = 0; start < 3 && !tookMs.some((ms) => ms < limitMs); start += 1) {
        await running.stop();
        expect(await running.ended).toBe(0);
        const begun = performance.now();
        running = await startRegistry({ form, home: running.home });
        tookMs.push(performance.now() - begun);
      }
      expect(Math.min(...tookMs)).toBeLessThan(limitMs);
      await expectKept();
    },
  );

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'leaves no process behind after %s',
    { timeout: longMs },
    async (signal) => {
      running = await startRegistry({ form });
      const below = await processesBelow(running.pid);
      process.kill(running.pid, signal);
      expect(await running.ended).toBe(0);
      await eventually(() => {
        expect(below.filter(({ pid }) => isAlive(pid))).toEqual([]);
      });
    },
  );

  it('starts again after kill -9 of everything, with what was pushed', { timeout: longMs }, async () => {
    running = await startRegistry({ form });
    const expectKept = await pushed(running);
    for (const { pid } of await processesBelow(running.pid)) kill(pid);
    await running.ended;
    running = await startRegistry({ form, home: running.home });
    await expectKept();
    expectStatus(await new RegistryClient(running.origin).get('/v2/'), 200);
  });

  it(
    'refuses a second start on the same home, which changes nothing for the first',
    { timeout: longMs },
    async () => {
      running = await startRegistry({ form });
      const expectKept = await pushed(running);
      const { port } = new URL(running.origin);
      const second = startRegistry({ form, home: running.home });
      await expect(second).rejects.toThrow(new RegExp(`already running on .*process \\d+, .*:${port}`));
      await expectKept();
    },
  );

  it('goes on by itself when its Postgres is killed', { timeout: longMs }, async () => {
    running = await startRegistry({ form });
    const expectKept = await pushed(running);
    const data = join(running.home, form === 'cluster' ? 'cluster/postgres' : 'postgres');
    const [pid] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
    kill(Number(pid));
    await eventually(expectKept, 60_000);
    const expectPushed = await pushed(running);
    await expectPushed();
    expect(isAlive(running.pid)).toBe(true);
  });

  it('says which configuration and which home it uses', { timeout: longMs }, async () => {
    const { home, log } = (running = await startRegistry({ form, configuration: storage }));
    // It answers before it reports that.
    await eventually(async () => {
      const lines = await readFile(log, 'utf8');
      expect(lines).toContain(`configuration: ${join(home, 'config.yml')}`);
      expect(lines).toContain(`home: ${home}`);
    });
  });

  it('ends with one clear message when its port is taken', { timeout: longMs }, async () => {
    const port = await freePort();
    const squatter = createServer().listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      await expect(startRegistry({ form, port })).rejects.toThrow(
        new RegExp(`exit code [1-9][\\s\\S]*${port}`),
      );
    } finally {
      squatter.close();
    }
  });

  it('ends with one clear message when its home cannot be written', { timeout: longMs }, async () => {
    const home = await temporaryHome();
    await writeFile(join(home, 'file'), '');
    const impossible = startRegistry({
      form,
      home,
      environment: { LONGSHORE_HOME: join(home, 'file/below') },
    });
    await expect(impossible).rejects.toThrow(/exit code [1-9][\s\S]*file\/below/);
  });

  it.each([
    ['a key that nobody knows', 'version: 0.1\nstorrage: {}\n', /storrage/],
    [
      'two drivers',
      'version: 0.1\nstorage: { filesystem: { rootdirectory: /tmp/x }, inmemory: {} }\n',
      /storage/,
    ],
    ['no YAML', 'version: [\n', /yaml|line/i],
  ])(
    'ends with one clear message when its configuration has %s',
    { timeout: longMs },
    async (_, configuration, words) => {
      const failing = startRegistry({ form, configuration: () => configuration });
      await expect(failing).rejects.toThrow(words);
      await expect(failing).rejects.toThrow(/exit code [1-9]/);
    },
  );
});
