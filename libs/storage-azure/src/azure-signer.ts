import {
  BlobSASPermissions,
  type ContainerClient,
  generateBlobSASQueryParameters,
  SASProtocol,
  type SASQueryParameters,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from '@azure/storage-blob';
import type { AzureService } from './azure-service.ts';

/** Signs a URL to read one blob until that moment. */
export type SignRead = (blobName: string, expiresOn: Date) => Promise<string>;

const day = 24 * 3600 * 1000;
/** The service limits a key to a week. */
const longestKey = 7 * day;

/**
 * Signs with the account's key, or with a key that the service lends to an identity. Returns undefined if only a shared access signature is known: it
 * permits writes and cannot sign a weaker one.
 */
export function signerOf(
  { client, credential }: AzureService,
  container: ContainerClient,
): SignRead | undefined {
  if (credential instanceof StorageSharedKeyCredential)
    return async (blobName, expiresOn) =>
      urlOf(
        container,
        blobName,
        generateBlobSASQueryParameters(grant(container, blobName, expiresOn), credential),
      );
  if (!('getToken' in credential)) return undefined;
  const keys = new DelegationKeys((from, until) => client.getUserDelegationKey(from, until));
  return async (blobName, expiresOn) => {
    const key = await keys.goodUntil(expiresOn);
    const values = grant(container, blobName, expiresOn);
    return urlOf(container, blobName, generateBlobSASQueryParameters(values, key, client.accountName));
  };
}

/** Asks the service for a key that is valid between these moments. */
export type LendKey = (startsOn: Date, expiresOn: Date) => Promise<UserDelegationKey>;

/** Keeps one key for all URLs until a URL would outlive it. Concurrent calls share one request. */
export class DelegationKeys {
  readonly #lend: LendKey;
  #key: Promise<UserDelegationKey> | undefined;

  constructor(lend: LendKey) {
    this.#lend = lend;
  }

  async goodUntil(moment: Date): Promise<UserDelegationKey> {
    const last = this.#key;
    const held = await last;
    if (held !== undefined && held.signedExpiresOn >= moment) return held;
    // A concurrent call may have asked already.
    if (this.#key === last) this.#key = this.#ask(moment);
    const key = await this.#key;
    if (key !== undefined) return key;
    throw new Error('unreachable');
  }

  async #ask(moment: Date): Promise<UserDelegationKey> {
    const now = Date.now();
    const lifetime = Math.min(longestKey, Math.max(day, 2 * (moment.getTime() - now)));
    try {
      // The service's clock may be behind ours.
      return await this.#lend(new Date(now - 15 * 60_000), new Date(now + lifetime - 15 * 60_000));
    } catch (error) {
      this.#key = undefined;
      throw error;
    }
  }
}

function grant(container: ContainerClient, blobName: string, expiresOn: Date) {
  return {
    containerName: container.containerName,
    blobName,
    permissions: BlobSASPermissions.parse('r'),
    expiresOn,
    ...(container.url.startsWith('https:') ? { protocol: SASProtocol.Https } : {}),
  };
}

function urlOf(container: ContainerClient, blobName: string, signature: SASQueryParameters): string {
  return `${container.getBlobClient(blobName).url}?${signature.toString()}`;
}
