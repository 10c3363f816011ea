import { Readable } from 'node:stream';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { blobOf, connectTo, eventually, uniqueBytes, uniqueRepository } from '@longshore/testing';
import { describe, expect, it } from 'vitest';
import { expectPullable, expectRefusal, expectStatus } from '../support/expectations.ts';
import { client, target } from '../support/target.ts';

const name = uniqueRepository('chunks');

describe('end-5 PATCH', () => {
  it('answers the first chunk with 202 and the Range of the request (023, suite v1.1.1)', async () => {
    const answer = await client.patch(await client.startUpload(name), uniqueBytes(1024), 0);
    expectStatus(answer, 202);
    expect(answer.headers['range']).toBe('0-1023');
    expect(answer.headers['docker-upload-uuid']).toBeDefined();
  });

  it('takes chunks one after the other', async () => {
    const blob = blobOf(uniqueBytes(30_000));
    let location = await client.startUpload(name);
    for (const start of [0, 10_000, 20_000]) {
      const answer = await client.patch(location, blob.bytes.subarray(start, start + 10_000), start);
      expectStatus(answer, 202);
      expect(answer.headers['range']).toBe(`0-${start + 9999}`);
      location = client.locationOf(answer);
    }
    expectStatus(await client.closeUpload(location, blob.digest), 201);
    await expectPullable(client, name, blob);
  });

  it('takes a stream without length or range', async () => {
    const blob = blobOf(uniqueBytes(300_000));
    const location = await client.startUpload(name);
    const answer = await client.send('PATCH', location, {
      body: Readable.from([blob.bytes.subarray(0, 1), blob.bytes.subarray(1)]),
    });
    expectStatus(answer, 202);
    expect(answer.headers['range']).toBe('0-299999');
    expectStatus(await client.closeUpload(client.locationOf(answer), blob.digest), 201);
    await expectPullable(client, name, blob);
  });

  it('refuses a repeated chunk at a stale Location with 416, and tells there where the session is (028, suite v1.1.1)', async () => {
    const blob = blobOf(uniqueBytes(6000));
    const first = await client.startUpload(name);
    const second = client.locationOf(await client.patch(first, blob.bytes.subarray(0, 3000), 0));
    expectStatus(await client.patch(first, blob.bytes.subarray(0, 3000), 0), 416);
    const status = await client.get(first);
    expectStatus(status, 204);
    expect(status.headers['range']).toBe('0-2999');
    const fresh = client.locationOf(status);
    const last = await client.patch(fresh, blob.bytes.subarray(3000), 3000);
    expectStatus(last, 202);
    expect(second).toBeDefined();
    expectStatus(await client.closeUpload(client.locationOf(last), blob.digest), 201);
    await expectPullable(client, name, blob);
  });

  it('refuses a gap with 416 that says what is there, and goes on', async () => {
    const blob = blobOf(uniqueBytes(6000));
    const location = client.locationOf(
      await client.patch(await client.startUpload(name), blob.bytes.subarray(0, 2000), 0),
    );
    const gap = await client.patch(location, blob.bytes.subarray(4000), 4000);
    expectRefusal(gap, 416, 'RANGE_INVALID');
    expect(gap.headers['range']).toBe('0-1999');
    const last = await client.patch(location, blob.bytes.subarray(2000), 2000);
    expectStatus(last, 202);
    expectStatus(await client.closeUpload(client.locationOf(last), blob.digest), 201);
    await expectPullable(client, name, blob);
  });

  it('refuses a first chunk that does not begin at 0', async () => {
    expectStatus(await client.patch(await client.startUpload(name), uniqueBytes(100), 100), 416);
  });

  it.each(['5', '-1-99', '99-0', '0-', 'a-b', '0-18446744073709551616', '0-99, 0-99'])(
    'refuses Content-Range "%s"',
    async (range) => {
      const location = await client.startUpload(name);
      const answer = await client.send('PATCH', location, {
        body: uniqueBytes(100),
        headers: { 'content-range': range },
      });
      expect([400, 416]).toContain(answer.status);
      expect(answer.codes).toHaveLength(1);
      const status = await client.get(location);
      expectStatus(status, 204);
      expect(status.headers['range']).toBe('0-0');
    },
  );

  it('refuses a Content-Range that is longer or shorter than the body, and counts nothing of it', async () => {
    const location = await client.startUpload(name);
    for (const range of ['0-49', '0-199']) {
      const answer = await client.send('PATCH', location, {
        body: uniqueBytes(100),
        headers: { 'content-range': range },
      });
      expect([400, 416]).toContain(answer.status);
    }
    const blob = blobOf(uniqueBytes(100));
    const answer = await client.patch(location, blob.bytes, 0);
    expectStatus(answer, 202);
    expectStatus(await client.closeUpload(client.locationOf(answer), blob.digest), 201);
  });

  it('takes chunks on alternating connections', async () => {
    const blob = blobOf(uniqueBytes(80_000));
    const agents = [
      new Agent({ keepAlive: true, maxSockets: 1 }),
      new Agent({ keepAlive: true, maxSockets: 1 }),
    ];
    let location = await client.startUpload(name);
    for (let start = 0; start < 80_000; start += 10_000) {
      const agent = agents[(start / 10_000) % 2];
      const answer = await client.send('PATCH', location, {
        body: blob.bytes.subarray(start, start + 10_000),
        headers: { 'content-range': `${start}-${start + 9999}` },
        ...(agent === undefined ? {} : { agent }),
      });
      expectStatus(answer, 202);
      location = client.locationOf(answer);
    }
    for (const agent of agents) agent.destroy();
    expectStatus(await client.closeUpload(location, blob.digest), 201);
    await expectPullable(client, name, blob);
  });

  it('keeps a session that can be resumed when the client goes away in a chunk', async () => {
    const blob = blobOf(uniqueBytes(400_000));
    const location = await client.startUpload(name);
    const socket = await connectTo(target.origin);
    socket.write(
      `PATCH ${location} HTTP/1.1\r\nHost: registry\r\nContent-Type: application/octet-stream\r\nContent-Length: 400000\r\n\r\n`,
    );
    socket.write(blob.bytes.subarray(0, 150_000));
    await sleep(300);
    socket.destroy();
    // The cut request holds the session until the registry notices; then a new one may write.
    const resumed = await eventually(async () => {
      const status = await client.get(location);
      expectStatus(status, 204);
      const stored =
        status.headers['range'] === '0-0' ? 0 : Number(status.headers['range']?.split('-')[1]) + 1;
      expect(stored).toBeLessThanOrEqual(150_000);
      const answer = await client.patch(client.locationOf(status), blob.bytes.subarray(stored), stored);
      expectStatus(answer, 202);
      return answer;
    }, 45_000);
    expectStatus(await client.closeUpload(client.locationOf(resumed), blob.digest), 201);
    await expectPullable(client, name, blob);
  });
});
