import type { BlobItem, ContainerClient, ContainerListBlobsOptions } from '@azure/storage-blob';
import type { StoreCalls } from '@longshore/storage-remote';

const pageSize = 5000;

export interface Listing {
  readonly container: ContainerClient;
  readonly calls: StoreCalls;
  readonly signal: AbortSignal | undefined;
}

/** Lists the blobs whose names begin with the prefix, after `after`, in the order of their names. */
export async function* blobsBehind(
  listing: Listing,
  { prefix, after }: { prefix: string; after: string },
): AsyncGenerator<BlobItem> {
  if (after > prefix && !after.startsWith(prefix)) return;
  // The service's `startFrom` is inclusive; a service too old to know it starts at the first blob.
  for await (const item of pages(listing, { prefix, ...(after > prefix ? { startFrom: after } : {}) }))
    if (item.name > after) yield item;
}

/** Lists blobs that may have only uncommitted blocks: the service reports no size for them. */
export async function* perhapsUncommitted(listing: Listing, prefix: string): AsyncGenerator<BlobItem> {
  for await (const item of pages(listing, { prefix, includeUncommitedBlobs: true }))
    if ((item.properties.contentLength ?? 0) === 0) yield item;
}

async function* pages(
  { container, calls, signal }: Listing,
  options: ContainerListBlobsOptions,
): AsyncGenerator<BlobItem> {
  const asked = { ...options, ...(signal === undefined ? {} : { abortSignal: signal }) };
  let marker: string | undefined;
  do {
    const settings = {
      maxPageSize: pageSize,
      ...(marker === undefined ? {} : { continuationToken: marker }),
    };
    const { value: page } = await calls.run({ signal }, () =>
      container.listBlobsFlat(asked).byPage(settings).next(),
    );
    if (page === undefined) return;
    yield* page.segment.blobItems;
    marker = page.continuationToken;
  } while (marker !== undefined && marker !== '');
}
