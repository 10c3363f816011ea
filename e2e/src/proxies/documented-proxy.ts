import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, freePort, programPath, selfSigned } from '@longshore/testing';
import { workspace } from '../runner/workspace.ts';
import { attempt } from '../support/command.ts';

export type ProxyName = 'nginx' | 'caddy' | 'haproxy' | 'traefik';

export interface Proxy {
  readonly origin: string;
  /** File of the authority that issued its certificate. */
  readonly certificate: string;
  stop(): Promise<void>;
}

export interface ProxyPlace {
  /** Folder of its certificate (makeCertificate). */
  readonly folder: string;
  /** host:port */
  readonly registry: string;
}

interface Place extends ProxyPlace {
  readonly port: number;
}

/** Starts a proxy with the example of docs/runbooks/behind-a-proxy.md. Replaces only names, ports and files. Rejects if it does not answer. */
export async function startDocumentedProxy(
  name: ProxyName,
  { folder, registry }: ProxyPlace,
): Promise<Proxy> {
  const port = await freePort();
  const place = { folder, port, registry };
  const page = await readFile(join(workspace, 'docs/runbooks/behind-a-proxy.md'), 'utf8');
  const example = fillIn(exampleOf(name, page), place);
  const configuration = join(folder, `${name}.${name === 'traefik' ? 'yml' : 'conf'}`);
  await writeFile(configuration, around[name](example, place));
  const child = spawn(name, commandLines[name]({ configuration, page, port }), {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: programPath, HOME: folder },
  });
  const origin = `https://127.0.0.1:${port}`;
  const certificate = join(folder, 'registry.crt');
  const proxy = { origin, certificate, stop: () => stop(child) };
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`${name} ended with exit code ${child.exitCode}`);
    const { code, stderr } = await attempt('curl', [
      '--silent',
      '--show-error',
      '--cacert',
      certificate,
      origin,
    ]);
    if (code !== 0) throw new Error(stderr);
  }, 30_000).catch(async (error: unknown) => {
    await proxy.stop();
    throw error;
  });
  return proxy;
}

/** Returns the first fenced text of a language in a proxy's section. */
function exampleOf(name: ProxyName, page: string, language = languages[name]): string {
  const section = page.split(/^## /m).find((text) => text.toLowerCase().startsWith(name)) ?? '';
  const example = section.match(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's'))?.[1];
  if (example === undefined) throw new Error(`the page on proxies has no example of ${name}`);
  return example;
}

function fillIn(example: string, { folder, port, registry }: Place): string {
  const filled = example
    .replaceAll('/etc/ssl/', `${folder}/`)
    .replaceAll('127.0.0.1:5000', registry)
    .replace('listen 443', `listen 127.0.0.1:${port}`)
    .replace('bind :443', `bind 127.0.0.1:${port}`)
    .replace(/^registry\.example \{/, `https://127.0.0.1:${port} {`)
    .replace('server_name registry.example', 'server_name 127.0.0.1')
    .replace('Host(`registry.example`)', 'Host(`127.0.0.1`)');
  if (!filled.includes(registry)) throw new Error('the example does not name the registry');
  return filled;
}

/** Wraps an example in the configuration that each proxy's distribution has around it. */
const around: Readonly<Record<ProxyName, (example: string, place: Place) => string>> = {
  nginx: (example, { folder }) => `daemon off;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
${example}}
`,
  caddy: (example) => `{
  admin off
  auto_https disable_redirects
}
${example}`,
  haproxy: (example) => example,
  traefik: (example) => example,
};

const languages: Readonly<Record<ProxyName, string>> = {
  nginx: 'nginx',
  caddy: 'caddyfile',
  haproxy: 'haproxy',
  traefik: 'yaml',
};

interface Start {
  readonly configuration: string;
  readonly page: string;
  readonly port: number;
}

const commandLines: Readonly<Record<ProxyName, (start: Start) => readonly string[]>> = {
  nginx: ({ configuration }) => ['-c', configuration, '-e', 'stderr'],
  caddy: ({ configuration }) => ['run', '--adapter', 'caddyfile', '--config', configuration],
  haproxy: ({ configuration }) => ['-db', '-f', configuration],
  // Traefik's entry points are on its command line, which the page also shows.
  traefik: ({ configuration, page, port }) =>
    exampleOf('traefik', page, 'sh')
      .replace(':443', `127.0.0.1:${port}`)
      .replace('/etc/traefik/registry.yml', configuration)
      .split(/[\s\\]+/)
      .filter((word) => word.startsWith('--')),
};

/** Creates `registry.crt`, `registry.key` and both in `registry.pem`. */
export async function makeCertificate(folder: string): Promise<void> {
  const { certificate, key } = selfSigned(folder, 'registry', 'IP:127.0.0.1');
  await writeFile(
    join(folder, 'registry.pem'),
    `${await readFile(certificate, 'utf8')}${await readFile(key, 'utf8')}`,
  );
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
