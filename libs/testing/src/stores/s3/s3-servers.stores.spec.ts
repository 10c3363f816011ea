import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { isAlive } from '../../is-alive.ts';
import { type S3Server, startMinio, startVersitygw } from '../index.ts';

const clientOf = ({ endpoint, region, accessKey, secretKey }: S3Server) =>
  new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
  });

const put = (client: S3Client, { bucket }: S3Server, key: string, text: string) =>
  client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));

async function read(client: S3Client, { bucket }: S3Server, key: string): Promise<string | undefined> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Body?.transformToString();
}

describe.each([
  ['startVersitygw', startVersitygw],
  ['startMinio', startMinio],
])('%s', (_, start) => {
  it('serves a client of S3, and ends with the block', async () => {
    let pid = 0;
    {
      await using server = await start();
      pid = server.pid;
      expect(isAlive(pid)).toBe(true);
      const client = clientOf(server);
      await put(client, server, 'a/key', 'bytes');
      expect(await read(client, server, 'a/key')).toBe('bytes');
      client.destroy();
    }
    expect(isAlive(pid)).toBe(false);
  });

  it('keeps port and data over a kill and a restart', async () => {
    await using server = await start();
    const client = clientOf(server);
    await put(client, server, 'kept', 'bytes');
    await server.kill();
    await expect(read(client, server, 'kept')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect(await read(client, server, 'kept')).toBe('bytes');
    client.destroy();
  });

  it('answers nothing while it is paused', async () => {
    await using server = await start();
    const client = clientOf(server);
    await put(client, server, 'key', 'bytes');
    server.pause();
    let answered = false;
    const reading = read(client, server, 'key').finally(() => (answered = true));
    await new Promise((resolve) => {
      setTimeout(resolve, 300);
    });
    expect(answered).toBe(false);
    server.resume();
    expect(await reading).toBe('bytes');
    client.destroy();
  });
});
