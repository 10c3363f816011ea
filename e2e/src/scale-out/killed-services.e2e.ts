import { setTimeout as sleep } from 'node:timers/promises';
import {
  blobOf,
  connectTo,
  eventually,
  RegistryClient,
  uniqueBytes,
  uniqueRepository,
} from '@longshore/testing';
import { describe, expect, it } from 'vitest';
import { expectStatus, expectWhole } from '../support/expectations.ts';
import { natsServer } from '../support/nats-server.ts';
import { kill, processesBelow } from '../support/processes.ts';
import { pushUntil, untilPushed } from '../support/push-until.ts';
import { untilRestarted } from '../support/restarts.ts';
import { serviceNames } from '../support/service-names.ts';
import { client, serviceProcesses, target } from '../support/target.ts';

const services = serviceNames.map((name) => `longshore-${name}`);

describe('the processes of the cluster', () => {
  it('are two of each service, which ps shows by name', async () => {
    const names = (await processesBelow(target.pid)).map(({ name }) => name);
    for (const service of services)
      expect(
        names.filter((name) => name.startsWith(service)),
        service,
      ).toHaveLength(2);
  });

  it('answer for their health and their metrics', async () => {
    for (const { debug, name } of await serviceProcesses()) {
      for (const path of ['/health/live', '/health/ready', '/metrics']) {
        expect((await fetch(`http://${debug}${path}`)).status, `${name} ${path}`).toBe(200);
      }
    }
  });
});

describe('kill -9 during pushes', () => {
  for (const service of services) {
    it(`of ${service} loses nothing that was acknowledged`, { timeout: 180_000 }, async () => {
      const repository = uniqueRepository('killed');
      let stop = false;
      const pushes = [0, 1, 2].map((worker) => pushUntil(client, repository, worker, () => stop));
      let pushed = await untilPushed(client, repository);
      for (const victim of await serviceProcesses(service)) {
        kill(victim.pid);
        await untilRestarted(victim);
        pushed = await untilPushed(client, repository, pushed);
      }
      stop = true;
      const acknowledged = (await Promise.all(pushes)).flat();
      expect(acknowledged.length).toBeGreaterThanOrEqual(pushed);
      for (const { tag, image } of acknowledged) await expectWhole(client, repository, image, tag);
    });
  }

  it('of both replicas of a service at once is survived', { timeout: 120_000 }, async () => {
    const repository = uniqueRepository('killed');
    let stop = false;
    const pushes = pushUntil(client, repository, 0, () => stop);
    const before = await untilPushed(client, repository);
    const killed = await serviceProcesses('longshore-manifest-service');
    for (const { pid } of killed) kill(pid);
    for (const victim of killed) await untilRestarted(victim);
    await untilPushed(client, repository, before);
    stop = true;
    for (const { tag, image } of await pushes)
      expect((await client.get(`/v2/${repository}/manifests/${tag}`)).body).toEqual(image.bytes);
  });
});

describe('an upload', () => {
  it('that is cut by kill -9 of its replica resumes on another', { timeout: 120_000 }, async () => {
    const repository = uniqueRepository('resumed');
    const blob = blobOf(uniqueBytes(6_000_000));
    const [first, second] = await serviceProcesses('longshore-blob-service');
    if (first?.http === undefined || second?.http === undefined)
      throw new Error('the cluster has no two blob services');
    const location = await client.startUpload(repository);
    const patched = await client.patch(location, blob.bytes.subarray(0, 2_000_000), 0);
    expectStatus(patched, 202);
    const socket = await connectTo(`http://${first.http}`);
    socket.on('error', () => undefined);
    socket.write(
      `PATCH ${client.locationOf(patched)} HTTP/1.1\r\nHost: registry\r\nContent-Range: 2000000-5999999\r\nContent-Length: 4000000\r\n\r\n`,
    );
    socket.write(blob.bytes.subarray(2_000_000, 3_500_000));
    await sleep(500);
    kill(first.pid);
    const other = new RegistryClient(`http://${second.http}`);
    // The dead replica holds the session until its lease ends.
    const last = await eventually(async () => {
      const status = await other.get(location);
      expectStatus(status, 204);
      const stored = Number(status.headers['range']?.split('-')[1]) + 1;
      expect(stored).toBeGreaterThanOrEqual(2_000_000);
      const answer = await other.patch(other.locationOf(status), blob.bytes.subarray(stored), stored);
      expectStatus(answer, 202);
      return answer;
    }, 90_000);
    expectStatus(await client.closeUpload(client.locationOf(last), blob.digest), 201);
    expect((await client.get(`/v2/${repository}/blobs/${blob.digest}`)).body.equals(blob.bytes)).toBe(true);
    await untilRestarted(first);
  });

  it('takes its chunks on whatever door and replica', async () => {
    const repository = uniqueRepository('doors');
    const blob = blobOf(uniqueBytes(100_000));
    const doors = [
      ...(await serviceProcesses('longshore-api-gateway')),
      ...(await serviceProcesses('longshore-blob-service')),
    ];
    const clients = doors.map(({ http }) => new RegistryClient(`http://${http}`));
    let location = await client.startUpload(repository);
    for (let start = 0; start < 100_000; start += 10_000) {
      const door = clients[(start / 10_000) % clients.length] ?? client;
      const answer = await door.patch(location, blob.bytes.subarray(start, start + 10_000), start);
      expectStatus(answer, 202);
      location = door.locationOf(answer);
    }
    expectStatus(await (clients.at(-1) ?? client).closeUpload(location, blob.digest), 201);
    for (const door of clients)
      expect((await door.get(`/v2/${repository}/blobs/${blob.digest}`)).body.equals(blob.bytes)).toBe(true);
  });
});

describe('kill -9 of the bus', () => {
  it('loses nothing that was acknowledged, and pushes go on afterwards', { timeout: 180_000 }, async () => {
    const repository = uniqueRepository('bus');
    let stop = false;
    const pushes = pushUntil(client, repository, 0, () => stop);
    const before = await untilPushed(client, repository);
    const { pid } = await natsServer();
    kill(pid);
    await eventually(async () => {
      expect((await natsServer()).pid).not.toBe(pid);
    }, 45_000);
    await untilPushed(client, repository, before + 1);
    stop = true;
    const acknowledged = await pushes;
    expect(acknowledged.length).toBeGreaterThan(before + 1);
    for (const { tag, image } of acknowledged)
      expect((await client.get(`/v2/${repository}/manifests/${tag}`)).body).toEqual(image.bytes);
  });
});
