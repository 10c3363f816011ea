import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { S3Parameters } from './s3-parameters.ts';

/** The settings of every new object. */
export type WriteSettings = Pick<
  PutObjectCommandInput,
  'ACL' | 'StorageClass' | 'ServerSideEncryption' | 'SSEKMSKeyId'
>;

/** The customer's key, which every request about an object's bytes must repeat. */
export type CustomerKey = Pick<PutObjectCommandInput, 'SSECustomerAlgorithm' | 'SSECustomerKey'>;

/** Leaves out S3's own defaults: some services refuse the headers, and so do buckets without ACLs. */
export function writeSettings({ objectacl, storageclass, encrypt, keyid }: S3Parameters): WriteSettings {
  return {
    ...(objectacl === 'private' ? {} : { ACL: objectacl }),
    ...(storageclass === 'NONE' || storageclass === 'STANDARD' ? {} : { StorageClass: storageclass }),
    ...(encrypt ? encryption(keyid) : {}),
  };
}

export function customerKey({ ssecustomerkey }: S3Parameters): CustomerKey {
  return ssecustomerkey === undefined
    ? {}
    : { SSECustomerAlgorithm: 'AES256', SSECustomerKey: ssecustomerkey };
}

function encryption(keyid: string | undefined): WriteSettings {
  return keyid === undefined
    ? { ServerSideEncryption: 'AES256' }
    : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyid };
}
