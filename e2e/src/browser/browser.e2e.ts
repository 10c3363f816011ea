import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { RegistryClient, tinyImage, uniqueRepository } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programPath } from '../runner/programs.ts';
import { alice, basic } from '../support/credentials.ts';
import { target } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

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
const script = (registry: string, manifest: string): string => `
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
  await fetch('/seen', { method: 'POST', body: JSON.stringify(seen) });`;

let page: Server;
let browser: ChildProcess;
let seen: Readonly<Record<string, Seen>>;

beforeAll(async () => {
  await client.pushImage(repository, image, '1');
  const port = Number(await readFile(join(target.home, 'page-port'), 'utf8'));
  const told = Promise.withResolvers<Readonly<Record<string, Seen>>>();
  const html = `<!doctype html><script type="module">${script(target.origin, `/v2/${repository}/manifests/1`)}</script>`;
  page = createServer((request, response) => {
    if (request.url !== '/seen') {
      response.setHeader('content-type', 'text/html').end(html);
      return;
    }
    response.end();
    text(request).then((body) => told.resolve(JSON.parse(body)), told.reject);
  }).listen(port, '127.0.0.1');
  await once(page, 'listening');
  // As root it has no sandbox; the page is ours.
  const options = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    `--user-data-dir=${await temporaryFolder('browser')}`,
  ];
  browser = spawn(
    'chromium-headless-shell',
    ['--remote-debugging-port=0', ...options, `http://127.0.0.1:${port}`],
    {
      env: { ...process.env, PATH: programPath },
      stdio: 'ignore',
      // A group of its own, with all of its helpers.
      detached: true,
    },
  );
  const ended = once(browser, 'exit').then(([code]) =>
    Promise.reject(new Error(`the browser ended with ${code}`)),
  );
  seen = await Promise.race([told.promise, ended]);
}, 90_000);

afterAll(() => {
  if (browser.pid !== undefined && browser.exitCode === null) process.kill(-browser.pid, 'SIGKILL');
  page.closeAllConnections();
  page.close();
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
