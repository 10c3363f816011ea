import { randomUUID, X509Certificate } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@longshore/configuration';

export type ChallengeKind = 'http-01' | 'tls-alpn-01';

export interface AcmeAccount {
  /** PEM of its private key. */
  readonly key: string;
  /** Its name at the authority. */
  readonly url: string;
}

/** A lock without a sign of life for so long belongs to a process that has died. An order takes minutes at most. */
const abandonedMilliseconds = 15 * 60_000;

/**
 * The folder of `http.tls.letsencrypt.cachefile`: account key, certificate, and the answers to challenges. Replicas share it, so the authority may ask any
 * of them, and one of them orders at a time. Files are replaced atomically and only their owner may read them.
 */
export class AcmeFolder {
  constructor(readonly path: string) {}

  /** PEM of private key and chain, in one file so that nobody ever sees half of a pair. Undefined before the first issue. */
  certificate(): Promise<string | undefined> {
    return this.#read('certificate.pem');
  }

  async keepCertificate(pem: string): Promise<void> {
    await this.#write('certificate.pem', pem);
  }

  /** The account at a directory: an authority knows only its own. */
  async account(directory: string): Promise<AcmeAccount | undefined> {
    const text = await this.#read(accountFile(directory));
    if (text === undefined) return undefined;
    const account: AcmeAccount = JSON.parse(text);
    return account;
  }

  async keepAccount(directory: string, account: AcmeAccount): Promise<void> {
    await this.#write(accountFile(directory), JSON.stringify(account));
  }

  /** @param name the token of http-01, the host of tls-alpn-01 */
  answer(kind: ChallengeKind, name: string): Promise<string | undefined> {
    return isFileName(name) ? this.#read(`${kind}-${name}`) : Promise.resolve(undefined);
  }

  /** @throws Error for a name that is no file's */
  async publish(kind: ChallengeKind, name: string, answer: string): Promise<void> {
    if (!isFileName(name)) throw new Error(`a challenge has the name ${JSON.stringify(name)}`);
    await this.#write(`${kind}-${name}`, answer);
  }

  async withdraw(kind: ChallengeKind, name: string): Promise<void> {
    if (isFileName(name)) await rm(join(this.path, `${kind}-${name}`), { force: true });
  }

  /** Runs an order, unless another replica runs one. @returns false if another one does */
  async alone(work: () => Promise<void>): Promise<boolean> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    const lock = join(this.path, 'lock');
    await this.#breakAbandoned(lock);
    try {
      await (await open(lock, 'wx', 0o600)).close();
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
    try {
      await work();
    } finally {
      await rm(lock, { force: true });
    }
    return true;
  }

  /** Returns when the next attempt may be made, in milliseconds since 1970, and how many have failed. */
  async attempts(): Promise<{ readonly failed: number; readonly next: number }> {
    const [failed = 0, next = 0] = ((await this.#read('attempts')) ?? '').split(' ').map(Number);
    return { failed, next };
  }

  async keepAttempts({ failed, next }: { failed: number; next: number }): Promise<void> {
    await this.#write('attempts', `${failed} ${next}`);
  }

  /** Two replicas may both find it abandoned, and in the worst case both order. The authority bears that. */
  async #breakAbandoned(lock: string): Promise<void> {
    const age = await stat(lock).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > abandonedMilliseconds) await rm(lock, { force: true });
  }

  async #read(name: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.path, name), 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async #write(name: string, content: string): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    const fresh = join(this.path, `new-${randomUUID()}`);
    await writeFile(fresh, content, { mode: 0o600, flush: true });
    await rename(fresh, join(this.path, name));
  }
}

/** Tells whether a certificate is to be replaced: its last third has begun, or it is for other hosts. */
export function isDue(pem: string | undefined, hosts: readonly string[]): boolean {
  if (pem === undefined) return true;
  const [block = ''] = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/.exec(pem) ?? [];
  const certificate = new X509Certificate(block);
  const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  return Date.now() > to - (to - from) / 3 || hosts.some((host) => certificate.checkHost(host) === undefined);
}

/** A host, or a token in base64url: nothing that leaves the folder. */
function isFileName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,253}$/.test(name);
}

function accountFile(directory: string): string {
  return `account-${Buffer.from(directory).toString('base64url').slice(0, 200)}.json`;
}
