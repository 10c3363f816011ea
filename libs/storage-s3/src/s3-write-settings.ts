import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { S3Parameters } from './s3-parameters.ts';

/** What every new object is told. */
export type WriteSettings = Pick<
  PutObjectCommandInput,
  'ACL' | 'StorageClass' | 'ServerSideEncryption' | 'SSEKMSKeyId'
>;

/** What every request about an object's bytes must repeat. */
export type CustomerKey = Pick<PutObjectCommandInput, 'SSECustomerAlgorithm' | 'SSECustomerKey'>;

/** S3's own defaults are not said: services that know nothing else refuse the headers, and buckets without ACLs do. */
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
