import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A secret, and what it is called when it is found. */
export interface Secret {
  readonly name: string;
  readonly text: string;
}

/** Returns the secret parts of an Authorization header: a password, an access token, the signature of a JWT, and a header that is sent as it is. */
export function secretsOf(name: string, authorization: string): Secret[] {
  const [scheme = '', sent = ''] = authorization.split(' ', 2);
  const secret = scheme === 'Basic' ? passwordIn(sent) : sent;
  const parts = [sent, secret.split('.').at(-1) ?? secret];
  // Shorter texts are words that occur by chance.
  return parts.filter((text) => text.length >= 12).map((text) => ({ name, text }));
}

function passwordIn(encoded: string): string {
  const decoded = Buffer.from(encoded, 'base64').toString();
  return decoded.slice(decoded.indexOf(':') + 1);
}

/** Returns `file: secret` for each secret that stands in a file below the folder, whatever its format. */
export async function leaksIn(
  folder: string,
  secrets: readonly Secret[],
  isExpected: (file: string) => boolean,
): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || isExpected(file)) continue;
    const bytes = await readFile(file).catch(ignoreMissing);
    for (const { name, text } of secrets) if (bytes?.includes(text) === true) found.push(`${file}: ${name}`);
  }
  return found;
}

/** Postgres and the collector delete files at any time. */
function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
