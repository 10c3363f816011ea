import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { classifyOssFailure } from './classify-oss-failure.ts';
import { chooseCredentials } from './credentials/choose-credentials.ts';
import { ossAddress } from './oss-address.ts';
import { OssClient } from './oss-client.ts';
import type { OssParameters } from './oss-parameters.ts';
import { OssStore } from './oss-store.ts';
import { MultipartDriver, storeAgents, StoreCalls, StoreKeys, usualPolicy } from '@longshore/storage-remote';

/** @throws Error of the file system if the CA bundle cannot be read */
export function createOssDriver(parameters: OssParameters): MultipartDriver {
  const { bucket, region, cabundle, skipverify, timeout, redirectendpoint, encryptionkeyid } = parameters;
  const agents = storeAgents({ stall: timeout, skipVerify: skipverify, caFile: cabundle });
  const address = ossAddress(parameters);
  const isV4 = (parameters.signatureversion ?? (region === undefined ? 'v1' : 'v4')) === 'v4';
  const client = new OssClient({
    bucket,
    address,
    region: isV4 ? region : undefined,
    agents,
    credentials: chooseCredentials(parameters, {
      agents,
      direct: { http: new HttpAgent(), https: new HttpsAgent() },
      environment: process.env,
    }),
  });
  const store = new OssStore({
    client,
    redirectAddress:
      redirectendpoint === undefined ? address : ossAddress({ ...parameters, endpoint: redirectendpoint }),
    encryption: parameters.encrypt ? { kmsKey: encryptionkeyid } : undefined,
  });
  const calls = new StoreCalls(
    {
      ...usualPolicy,
      retries: parameters.maxretries,
      concurrency: parameters.maxconcurrency,
      callsPerSecond: parameters.maxrequestspersecond,
    },
    classifyOssFailure,
  );
  return new MultipartDriver('oss', {
    store,
    calls,
    keys: new StoreKeys(parameters.rootdirectory),
    partSize: parameters.chunksize,
  });
}
