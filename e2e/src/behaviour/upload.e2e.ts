import { blobOf, digestOf, uniqueBytes, uniqueRepository } from '@longshore/testing';
import { describe, expect, it } from 'vitest';
import { expectPullable, expectRefusal, expectStatus } from '../support/expectations.ts';
import { client } from '../support/target.ts';

const name = uniqueRepository('upload');

describe('end-4 POST uploads', () => {
  it('answers 202 with a Location on this host, the session id and Range 0-0', async () => {
    const answer = await client.send('POST', `/v2/${name}/blobs/uploads/`);
    expectStatus(answer, 202);
    expect(answer.headers['docker-upload-uuid']).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers['range']).toBe('0-0');
    expect(client.locationOf(answer)).toContain(
      `/v2/${name}/blobs/uploads/${answer.headers['docker-upload-uuid']}`,
    );
  });

  it('takes a whole blob with ?digest= and answers 201 with the blob', async () => {
    const blob = blobOf(uniqueBytes(3000));
    const answer = await client.send('POST', `/v2/${name}/blobs/uploads/?digest=${blob.digest}`, {
      body: blob.bytes,
    });
    expectStatus(answer, 201);
    expect(client.locationOf(answer)).toBe(`/v2/${name}/blobs/${blob.digest}`);
    expect(answer.headers['docker-content-digest']).toBe(blob.digest);
    await expectPullable(client, name, blob);
  });

  it('does not store what ?digest= does not match', async () => {
    const { digest } = blobOf(uniqueBytes(10));
    expectRefusal(
      await client.send('POST', `/v2/${name}/blobs/uploads/?digest=${digest}`, { body: 'other' }),
      400,
      'DIGEST_INVALID',
    );
    expectStatus(await client.head(`/v2/${name}/blobs/${digest}`), 404);
  });

  it('refuses a digest-algorithm that it does not know, and takes sha512', async () => {
    expectStatus(await client.send('POST', `/v2/${name}/blobs/uploads/?digest-algorithm=md5`), 400);
    const bytes = uniqueBytes(5000);
    const digest = digestOf(bytes, 'sha512');
    const location = await client.startUpload(name, '?digest-algorithm=sha512');
    const patched = await client.patch(location, bytes, 0);
    expectStatus(patched, 202);
    expectStatus(await client.closeUpload(client.locationOf(patched), digest), 201);
    await expectPullable(client, name, { digest, bytes });
  });
});

describe('end-6 PUT', () => {
  it('takes the whole blob and answers 201 with Location and digest', async () => {
    const blob = blobOf(uniqueBytes(70_000));
    const answer = await client.pushBlob(name, blob);
    expectStatus(answer, 201);
    expect(client.locationOf(answer)).toBe(`/v2/${name}/blobs/${blob.digest}`);
    expect(answer.headers['docker-content-digest']).toBe(blob.digest);
    await expectPullable(client, name, blob);
  });

  it('takes the last chunk', async () => {
    const blob = blobOf(uniqueBytes(9000));
    const patched = await client.patch(await client.startUpload(name), blob.bytes.subarray(0, 4000), 0);
    expectStatus(
      await client.closeUpload(client.locationOf(patched), blob.digest, blob.bytes.subarray(4000)),
      201,
    );
    await expectPullable(client, name, blob);
  });

  it('refuses a last chunk out of order with 416 and keeps the session', async () => {
    const blob = blobOf(uniqueBytes(9000));
    const patched = await client.patch(await client.startUpload(name), blob.bytes.subarray(0, 4000), 0);
    const location = client.locationOf(patched);
    const separator = location.includes('?') ? '&' : '?';
    const early = await client.send('PUT', `${location}${separator}digest=${blob.digest}`, {
      body: blob.bytes.subarray(5000),
      headers: { 'content-range': '5000-8999' },
    });
    expectStatus(early, 416);
    const closed = await client.send('PUT', `${location}${separator}digest=${blob.digest}`, {
      body: blob.bytes.subarray(4000),
      headers: { 'content-range': '4000-8999' },
    });
    expectStatus(closed, 201);
    await expectPullable(client, name, blob);
  });

  it('refuses another digest with 400 DIGEST_INVALID and stores nothing', async () => {
    const { digest } = blobOf(uniqueBytes(10));
    expectRefusal(
      await client.closeUpload(await client.startUpload(name), digest, Buffer.from('other')),
      400,
      'DIGEST_INVALID',
    );
    expectStatus(await client.head(`/v2/${name}/blobs/${digest}`), 404);
    expectStatus(await client.head(`/v2/${name}/blobs/${digestOf('other')}`), 404);
  });

  it('asks for a digest', async () => {
    const location = await client.startUpload(name);
    expectRefusal(await client.send('PUT', location, { body: 'bytes' }), 400, 'DIGEST_INVALID');
  });

  it.each(['sha256:short', 'md5:d41d8cd98f00b204e9800998ecf8427e', `sha256:${'A'.repeat(64)}`, 'sha256', ''])(
    'refuses the digest "%s"',
    async (digest) => {
      expectRefusal(
        await client.closeUpload(await client.startUpload(name), digest, Buffer.from('bytes')),
        400,
        'DIGEST_INVALID',
      );
    },
  );

  it('answers the retry of a closing PUT whose answer was lost with 201', async () => {
    const blob = blobOf(uniqueBytes(2000));
    const location = await client.startUpload(name);
    expectStatus(await client.closeUpload(location, blob.digest, blob.bytes), 201);
    expectStatus(await client.closeUpload(location, blob.digest, blob.bytes), 201);
    await expectPullable(client, name, blob);
  });

  it('answers 404 BLOB_UPLOAD_UNKNOWN for a session that never was', async () => {
    const location = `/v2/${name}/blobs/uploads/00000000-0000-4000-8000-000000000000`;
    expectRefusal(
      await client.closeUpload(location, digestOf('never'), Buffer.from('never')),
      404,
      'BLOB_UPLOAD_UNKNOWN',
    );
    expectRefusal(await client.patch(location, Buffer.from('never'), 0), 404, 'BLOB_UPLOAD_UNKNOWN');
    expectRefusal(await client.get(location), 404, 'BLOB_UPLOAD_UNKNOWN');
    expectRefusal(await client.delete(location), 404, 'BLOB_UPLOAD_UNKNOWN');
  });
});

describe('end-13 GET session and end-14 DELETE session', () => {
  it('answers 204 with Range and Location', async () => {
    const location = client.locationOf(
      await client.patch(await client.startUpload(name), uniqueBytes(1500), 0),
    );
    const answer = await client.get(location);
    expectStatus(answer, 204);
    expect(answer.headers['range']).toBe('0-1499');
    expect(answer.headers['docker-upload-uuid']).toBeDefined();
    expect(client.locationOf(answer)).toContain('/blobs/uploads/');
  });

  it('cancels with 204, after which there is no session', async () => {
    const location = client.locationOf(
      await client.patch(await client.startUpload(name), uniqueBytes(1500), 0),
    );
    expectStatus(await client.delete(location), 204);
    expectRefusal(await client.get(location), 404, 'BLOB_UPLOAD_UNKNOWN');
    expectRefusal(await client.patch(location, uniqueBytes(10), 1500), 404, 'BLOB_UPLOAD_UNKNOWN');
    expectRefusal(await client.delete(location), 404, 'BLOB_UPLOAD_UNKNOWN');
  });

  it('knows a session in its own repository only', async () => {
    const location = await client.startUpload(name);
    const elsewhere = location.replace(name, uniqueRepository('thief'));
    const blob = blobOf(uniqueBytes(10));
    expectRefusal(await client.get(elsewhere), 404, 'BLOB_UPLOAD_UNKNOWN');
    expectRefusal(await client.patch(elsewhere, blob.bytes, 0), 404, 'BLOB_UPLOAD_UNKNOWN');
    expectRefusal(await client.delete(elsewhere), 404, 'BLOB_UPLOAD_UNKNOWN');
    expectRefusal(await client.closeUpload(elsewhere, blob.digest, blob.bytes), 404, 'BLOB_UPLOAD_UNKNOWN');
    expectStatus(await client.closeUpload(location, blob.digest, blob.bytes), 201);
  });
});
