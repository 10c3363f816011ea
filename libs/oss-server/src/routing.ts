import { getBucketInfo, getBucketLocation } from './operations/bucket-description.ts';
import { completeMultipartUpload } from './operations/complete-multipart-upload.ts';
import type { Operation } from './operations/context.ts';
import { copyObject } from './operations/copy-object.ts';
import { deleteMultipleObjects } from './operations/delete-multiple-objects.ts';
import { listObjects, listObjectsV2 } from './operations/list-objects.ts';
import { listMultipartUploads, listParts } from './operations/list-uploads.ts';
import {
  abortMultipartUpload,
  initiateMultipartUpload,
  uploadPart,
  uploadPartCopy,
} from './operations/multipart-uploads.ts';
import { deleteObject, getObject, getObjectMeta, headObject, putObject } from './operations/objects.ts';
import { OssError } from './wire/oss-error.ts';
import type { OssRequest } from './wire/oss-request.ts';

/** The operations, named as in the public API documentation. */
export const operations = {
  AbortMultipartUpload: abortMultipartUpload,
  CompleteMultipartUpload: completeMultipartUpload,
  CopyObject: copyObject,
  DeleteMultipleObjects: deleteMultipleObjects,
  DeleteObject: deleteObject,
  GetBucketInfo: getBucketInfo,
  GetBucketLocation: getBucketLocation,
  GetObject: getObject,
  GetObjectMeta: getObjectMeta,
  HeadObject: headObject,
  InitiateMultipartUpload: initiateMultipartUpload,
  ListMultipartUploads: listMultipartUploads,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  ListParts: listParts,
  PutObject: putObject,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
} as const satisfies Record<string, Operation>;

export type OssOperation = keyof typeof operations;

/** Parameters that select an operation that this server does not support. */
const unsupported = [
  'acl',
  'append',
  'cors',
  'lifecycle',
  'policy',
  'restore',
  'symlink',
  'tagging',
  'versions',
];

/** Returns the operation of a request. @throws OssError NotImplemented; InvalidObjectName for an invalid key */
export function operationOf(request: OssRequest): OssOperation {
  const { bucket, key, query } = request;
  if (bucket === '' || unsupported.some((name) => query.has(name))) throw new OssError('NotImplemented');
  if (/^[/\\]/.test(key) || Buffer.byteLength(key) > 1023) throw new OssError('InvalidObjectName');
  const operation = key === '' ? bucketOperation(request) : objectOperation(request);
  if (operation === undefined) throw new OssError('NotImplemented');
  return operation;
}

function bucketOperation({ method, query }: OssRequest): OssOperation | undefined {
  if (method === 'POST' && query.has('delete')) return 'DeleteMultipleObjects';
  if (method !== 'GET') return undefined;
  if (query.has('uploads')) return 'ListMultipartUploads';
  if (query.has('location')) return 'GetBucketLocation';
  if (query.has('bucketInfo')) return 'GetBucketInfo';
  return query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects';
}

const ofObject: Readonly<Record<string, OssOperation>> = {
  PUT: 'PutObject',
  GET: 'GetObject',
  HEAD: 'HeadObject',
  DELETE: 'DeleteObject',
};

const ofUpload: Readonly<Record<string, OssOperation>> = {
  PUT: 'UploadPart',
  GET: 'ListParts',
  POST: 'CompleteMultipartUpload',
  DELETE: 'AbortMultipartUpload',
};

function objectOperation({ method, query, headers }: OssRequest): OssOperation | undefined {
  if (method === 'POST' && query.has('uploads')) return 'InitiateMultipartUpload';
  if (method === 'HEAD' && query.has('objectMeta')) return 'GetObjectMeta';
  const operation = (query.has('uploadId') ? ofUpload : ofObject)[method];
  if (headers['x-oss-copy-source'] === undefined) return operation;
  if (operation === 'PutObject') return 'CopyObject';
  return operation === 'UploadPart' ? 'UploadPartCopy' : operation;
}
