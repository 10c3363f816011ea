import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import type { StoreContents } from '../store-server.ts';
import type { AzureAccess } from './azurite.ts';

/** Lists everything in the container. A blob with only uncommitted blocks is an upload. */
export async function azureContents(access: AzureAccess): Promise<StoreContents> {
  const { endpoint, accountName, accountKey } = access;
  const service = new BlobServiceClient(endpoint, new StorageSharedKeyCredential(accountName, accountKey));
  const container = service.getContainerClient(access.container);
  const objects: string[] = [];
  for await (const { name } of container.listBlobsFlat()) objects.push(name);
  const committed = new Set(objects);
  const uploads: string[] = [];
  for await (const { name } of container.listBlobsFlat({ includeUncommitedBlobs: true }))
    if (!committed.has(name)) uploads.push(name);
  return { objects, uploads };
}
