import { randomBytes } from 'node:crypto';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { answers } from '../process/answers.ts';
import { freePort } from '../../http/free-port.ts';
import { ServerProcess } from '../process/server-process.ts';
import { makeHome, StoreProcesses, type StoreServer } from '../store-server.ts';
import { azuriteProgram } from './azurite-program.ts';

/** The parameters of a client of Azure's blob service. */
export interface AzureAccess {
  /** The endpoint of the blob service, with the account's name in its path: `http://127.0.0.1:20080/account`. */
  readonly endpoint: string;
  readonly accountName: string;
  /** Base64. */
  readonly accountKey: string;
  /** An empty container that only this server has. */
  readonly container: string;
}

export type AzuriteServer = StoreServer & AzureAccess;

/**
 * Starts Azurite's blob service. It differs from Azure: a GET with `Range: bytes=-3` is 500; `If-None-Match: *` on an existing blob is 409
 * BlobAlreadyExists; it knows no user delegation SAS. It writes its index to the disk every few seconds and on SIGTERM. A `kill` therefore loses
 * newer data, which Azure would keep; a `restart` without a `kill` loses nothing.
 */
export async function startAzurite(): Promise<AzuriteServer> {
  const script = await azuriteProgram();
  const port = await freePort();
  const access = {
    endpoint: `http://127.0.0.1:${port}/longshoretest`,
    accountName: 'longshoretest',
    accountKey: randomBytes(64).toString('base64'),
    container: `longshore-${randomBytes(6).toString('hex')}`,
  };
  const home = await makeHome('azurite');
  const place = ['--location', `${home}/data`, '--blobHost', '127.0.0.1', '--blobPort', String(port)];
  const manner = ['--silent', '--disableTelemetry', '--disableProductStyleUrl', '--skipApiVersionCheck'];
  const server = new ServerProcess({
    program: process.execPath,
    options: [script, ...place, ...manner],
    environment: { AZURITE_ACCOUNTS: `${access.accountName}:${access.accountKey}` },
    log: `${home}/log`,
    ready: () => answers(access.endpoint),
  });
  return new StoreProcesses(home, [server]).start(async () => {
    await createContainer(access);
    return access;
  });
}

async function createContainer({ endpoint, accountName, accountKey, container }: AzureAccess): Promise<void> {
  const service = new BlobServiceClient(endpoint, new StorageSharedKeyCredential(accountName, accountKey));
  await service.getContainerClient(container).create();
}
