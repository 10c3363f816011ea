import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@longshore/testing';

/** Configures only storage at a known place: open to everybody. */
export const storage = (home: string): string =>
  `version: 0.1\nstorage: { filesystem: { rootdirectory: '${join(home, 'storage')}' } }\n`;

/** Hashes whole blobs while they are served. */
export const verifiedPulls = (home: string): string =>
  `version: 0.1\nstorage: { filesystem: { rootdirectory: '${join(home, 'storage')}' }, verify: { pulls: true } }\n`;

/** Lets a manifest reference content that nobody has pushed, as the conformance suite's sparse manifests do. */
export function sparse(home: string): string {
  return `${storage(home)}validation: { manifests: { blobs: none, indexes: { platforms: none } } }\n`;
}

// Two accounts. The passwords are `correct-horse` and `battery`.
export const accounts = `alice:$2b$05$xTGIhygQh8HdQrdOmEgZuu9/lKbExPYCUfTRST/ev.tWfIUkduUd2
bob:$2b$05$E9OqYM0gxbhDKwgVIMEPg.wuZyKzNmko3I5td2abqM76AeXu2hmrC
`;

export async function htpasswd(home: string): Promise<string> {
  const path = join(home, 'htpasswd');
  await writeFile(path, accounts);
  return `htpasswd: { realm: 'the test realm', path: '${path}' }`;
}

export async function basicAuth(home: string): Promise<string> {
  return `${storage(home)}auth: { ${await htpasswd(home)} }\n`;
}

/** Open to everybody. An index may list images that nobody has pushed, but an image must be complete. */
function sparseIndexes(home: string): string {
  return `${storage(home)}validation: { manifests: { indexes: { platforms: none } } }\n`;
}

/** Configures accounts, and our own tokens for them. */
export async function tokenAuth(home: string): Promise<string> {
  return `${storage(home)}auth: { ${await htpasswd(home)}, token: { service: 'registry.test', issuer: 'registry.test' } }\n`;
}

/** Configures accounts also in the database, and alice as the administrator. */
export async function managed(home: string): Promise<string> {
  return `${storage(home)}auth: { ${await htpasswd(home)}, database: {}, token: {} }
access:
  rules:
    - { name: the administrator, subjects: ['user:alice'], role: owner, repositories: ['**'] }
`;
}

/** Adds a proxy on this machine to `tokenAuth`. */
export async function behindProxy(home: string): Promise<string> {
  return `${await tokenAuth(home)}http: { trustedproxies: [127.0.0.1, '::1'] }\n`;
}

/** Accounts, and the headers that registry user interfaces ask for, for a page that the suite serves at `page-port`. */
export async function userInterface(home: string): Promise<string> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  await writeFile(join(home, 'page-port'), String(port));
  return `${await basicAuth(home)}http:
  headers:
    Access-Control-Allow-Origin: ['${origin}']
    Access-Control-Allow-Methods: [HEAD, GET, OPTIONS, DELETE]
    Access-Control-Allow-Headers: [Authorization, Accept, Cache-Control]
    Access-Control-Expose-Headers: [Docker-Content-Digest]
    Access-Control-Allow-Credentials: ['true']
    Access-Control-Max-Age: ['1728000']
`;
}

/**
 * As `sparseIndexes`, with all that has series of its own: a webhook, at which only src/series listens, and the listener of the standalone registry's
 * metrics. Their ports are in `webhook-port` and `debug-port`.
 */
export async function observed(home: string): Promise<string> {
  const port = await freePort();
  await writeFile(join(home, 'debug-port'), String(port));
  const notifications = (await webhook(home)).slice(storage(home).length);
  return `${sparseIndexes(home)}http: { debug: { addr: '127.0.0.1:${port}', prometheus: { enabled: true } } }\n${notifications}`;
}

/** Configures a webhook at a port that the suite listens on. The suite reads the number in `webhook-port`. */
export async function webhook(home: string): Promise<string> {
  const port = await freePort();
  await writeFile(join(home, 'webhook-port'), String(port));
  return `${storage(home)}notifications:
  endpoints:
    - name: test
      url: http://127.0.0.1:${port}/events
      headers: { X-Webhook-Key: [secret-key] }
      timeout: 2s
      threshold: 3
      backoff: 500ms
`;
}
