import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { describe, expect, it } from 'vitest';
import { type AzuriteServer, startAzurite } from '../index.ts';
import { isAlive } from '../../is-alive.ts';

function containerOf({ endpoint, accountName, accountKey, container }: AzuriteServer) {
  const credential = new StorageSharedKeyCredential(accountName, accountKey);
  return new BlobServiceClient(endpoint, credential).getContainerClient(container);
}

describe('startAzurite', () => {
  it('serves a client of Azure, and ends with the block', async () => {
    let pid = 0;
    {
      await using server = await startAzurite();
      pid = server.pid;
      expect(isAlive(pid)).toBe(true);
      const blob = containerOf(server).getBlockBlobClient('a/key');
      await blob.uploadData(Buffer.from('bytes'));
      expect((await blob.downloadToBuffer()).toString()).toBe('bytes');
    }
    expect(isAlive(pid)).toBe(false);
  });

  it('keeps port and data over a restart', async () => {
    await using server = await startAzurite();
    const blob = containerOf(server).getBlockBlobClient('kept');
    await blob.uploadData(Buffer.from('bytes'));
    await server.restart();
    expect((await blob.downloadToBuffer()).toString()).toBe('bytes');
  });
});
