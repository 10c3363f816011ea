import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes the secrets that docker-compose.yml mounts, once: none has a default, and none is ever replaced. */
const directory = process.env['LONGSHORE_SECRETS'] ?? '.longshore/secrets';
mkdirSync(directory, { recursive: true, mode: 0o700 });
for (const name of ['postgres-password', 'http-secret', 's3-secret-key', 'azure-account-key']) {
  const path = join(directory, name);
  if (existsSync(path)) {
    console.log(`longshore: ${path} is there already`);
    continue;
  }
  // Readable by whoever may enter the directory: in the container another user reads it.
  writeFileSync(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o644 });
  console.log(`longshore: made ${path}`);
}
