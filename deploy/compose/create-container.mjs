// Makes the container that the services of COMPOSE_PROFILES=azure keep blobs in, once: they would not. It runs in the image of the command line tool.
import { readFileSync } from 'node:fs';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';

const parameter = (name) => process.env[`REGISTRY_STORAGE_AZURE_${name}`];
const key = readFileSync(parameter('ACCOUNTKEY_FILE'), 'utf8').trim();
const credential = new StorageSharedKeyCredential(parameter('ACCOUNTNAME'), key);
await new BlobServiceClient(parameter('SERVICEURL'), credential)
  .getContainerClient(parameter('CONTAINER'))
  .createIfNotExists();
