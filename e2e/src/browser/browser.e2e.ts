import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { RegistryClient, tinyImage, uniqueRepository } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { alice, basic } from '../support/credentials.ts';
import { target } from '../support/target.ts';

const authorization = basic(alice);
const client = new RegistryClient(target.origin, { headers: { authorization } });
const image = tinyImage({ content: 'looked at' });
const repository = uniqueRepository('browser');

interface Seen {
  readonly status?: number;
  readonly digest?: string | null;
  readonly body?: string;
  /** What fetch says when the browser keeps the answer from the page. */
  readonly error?: string;
}

/** What a registry's user interface does, in a page of another origin. */
const script = (registry: string, manifest: string): string => `(async () => {
  const ask = async (path, options) => {
    try {
      const answer = await fetch(${JSON.stringify(registry)} + path, { credentials: 'include', ...options });
      return { status: answer.status, digest: answer.headers.get('docker-content-digest'), body: await answer.text() };
    } catch (error) {
      return { error: String(error) };
    }
  };
  const headers = { Authorization: ${JSON.stringify(authorization)} };
  const accept = { ...headers, Accept: ${JSON.stringify(image.mediaType)} };
  const seen = {};
  seen.anonymous = await ask('/v2/');
  seen.tags = await ask('/v2/${repository}/tags/list', { headers });
  seen.head = await ask('${manifest}', { method: 'HEAD', headers: accept });
  seen.forbidden = await ask('${manifest}', { method: 'PUT', headers, body: '{}' });
  seen.deleted = await ask('/v2/${repository}/manifests/' + seen.head.digest, { method: 'DELETE', headers });
  return seen;
})()`;

let site: Server;
let browser: TestBrowser;
let seen: Readonly<Record<string, Seen>>;

beforeAll(async () => {
  await client.pushImage(repository, image, '1');
  const port = Number(await readFile(join(target.home, 'page-port'), 'utf8'));
  site = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html>');
  }).listen(port, '127.0.0.1');
  await once(site, 'listening');
  browser = await startBrowser();
  const origin = `http://127.0.0.1:${port}`;
  const { page } = await browser.visit(origin);
  await page.goto(origin);
  seen = await page.evaluate(script(target.origin, `/v2/${repository}/manifests/1`));
}, 90_000);

afterAll(async () => {
  await browser.close();
  site.closeAllConnections();
  site.close();
});

describe('a page of another origin, in a real browser, with the headers that user interfaces ask for', () => {
  it('is shown that the registry asks for credentials', () => {
    expect(seen['anonymous']).toMatchObject({ status: 401 });
  });

  it('reads with credentials, and sees the digest that is exposed', () => {
    expect(seen['tags']).toMatchObject({
      status: 200,
      body: JSON.stringify({ name: repository, tags: ['1'] }),
    });
    expect(seen['head']).toMatchObject({ status: 200, digest: image.digest });
  });

  it('deletes, since the preflight is answered without credentials', async () => {
    expect(seen['deleted']).toMatchObject({ status: 202 });
    expect((await client.get(`/v2/${repository}/manifests/1`)).status).toBe(404);
  });

  it('is kept by the browser from a method that the headers do not allow', () => {
    expect(seen['forbidden']?.error).toContain('Failed to fetch');
  });
});
