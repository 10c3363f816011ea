import { blobOf, eventually, uniqueBytes, uniqueRepository } from '@longshore/testing';
import { afterEach, expect, it } from 'vitest';
import { expectStatus } from '../support/expectations.ts';
import { client, serviceProcesses } from '../support/target.ts';

const stopped = new Set<number>();
const goOn = (): void => {
  for (const pid of stopped) process.kill(pid, 'SIGCONT');
  stopped.clear();
};
afterEach(goOn);

it(
  'a replica of blob-service that hangs keeps no pull waiting, and is used again later',
  { timeout: 180_000 },
  async () => {
    const repository = uniqueRepository('hung');
    const blob = blobOf(uniqueBytes(100_000));
    expectStatus(await client.pushBlob(repository, blob), 201);
    const [replica] = await serviceProcesses('longshore-blob-service');
    if (replica === undefined) throw new Error('the cluster has no blob-service');
    process.kill(replica.pid, 'SIGSTOP');
    stopped.add(replica.pid);
    const pull = () => client.get(`/v2/${repository}/blobs/${blob.digest}`);
    const answers = await Promise.all(Array.from({ length: 12 }, pull));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
    // By now the replica is out: a push, whose body cannot be sent twice, does not reach it.
    for (let push = 0; push < 6; push++)
      expectStatus(await client.pushBlob(repository, blobOf(uniqueBytes(100_000))), 201);
    goOn();
    await eventually(async () => {
      const before = await pullsOf(replica.debug);
      await Promise.all(Array.from({ length: 8 }, pull));
      expect(await pullsOf(replica.debug)).toBeGreaterThan(before);
    }, 60_000);
  },
);

/** Counts the pulls of blobs that a replica has answered. */
async function pullsOf(debug: string): Promise<number> {
  const metrics = await (await fetch(`http://${debug}/metrics`)).text();
  const lines = metrics
    .split('\n')
    .filter((line) => line.startsWith('registry_http_requests_total{handler="blob-get"'));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
