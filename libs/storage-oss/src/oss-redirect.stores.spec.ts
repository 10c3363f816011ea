import { randomBytes } from 'node:crypto';
import { newKey } from '@longshore/storage/testing';
import { type OssServer, startOss } from '@longshore/oss-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBucket, openOss, pushed } from './testing/oss-subject.ts';

let server: OssServer;
beforeAll(async () => {
  server = await startOss();
});
afterAll(() => server.stop());

const bytes = randomBytes(300_000);

describe.each(['v1', 'v4'])('a redirect with signature %s', (signatureversion) => {
  it('serves a client GET and HEAD, each with its own URL', async () => {
    const driver = openOss(server, { signatureversion, rootdirectory: '/a & b' });
    const key = await pushed(driver, bytes);
    const get = await fetch((await driver.redirect(key, { method: 'GET', expiresInSeconds: 60 })) ?? '');
    expect(Buffer.from(await get.arrayBuffer())).toEqual(bytes);
    const headUrl = (await driver.redirect(key, { method: 'HEAD', expiresInSeconds: 60 })) ?? '';
    const head = await fetch(headUrl, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '300000']);
    expect((await fetch(headUrl)).status).toBe(403);
    await driver.close();
  });

  it('serves ranges, and its URL stays the same for a while', async () => {
    const driver = openOss(server, { signatureversion });
    const key = await pushed(driver, bytes);
    const options = { method: 'GET', expiresInSeconds: 40_000 } as const;
    const url = (await driver.redirect(key, options)) ?? '';
    expect(await driver.redirect(key, options)).toBe(url);
    const part = await fetch(url, { headers: { range: 'bytes=10-19' } });
    expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, bytes.subarray(10, 20)]);
    await driver.close();
  });

  it('carries the token of temporary credentials, and shows no secret', async () => {
    const issued = server.issueToken({ expiresAt: new Date(Date.now() + 3_600_000) });
    const driver = openBucket(server, {
      signatureversion,
      accesskeyid: issued.accessKeyId,
      accesskeysecret: issued.accessKeySecret,
      securitytoken: issued.securityToken,
    });
    const key = await pushed(driver, bytes);
    const url = (await driver.redirect(key, { method: 'GET', expiresInSeconds: 60 })) ?? '';
    expect((await fetch(url)).status).toBe(200);
    expect(url).not.toContain(issued.accessKeySecret);
    await driver.close();
  });

  it('points to where clients reach the store', async () => {
    const driver = openOss(server, { signatureversion, redirectendpoint: 'https://store.example' });
    const url = await driver.redirect(newKey(), { method: 'GET', expiresInSeconds: 60 });
    expect(url).toMatch(/^https:\/\/store\.example\/longshore\/uploads\//);
    await driver.close();
  });
});
