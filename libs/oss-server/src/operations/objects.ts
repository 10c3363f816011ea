import type { OutgoingHttpHeaders } from 'node:http';
import type { StoredObject } from '../objects/bucket.ts';
import { noContent, type OssReply, quoted } from '../wire/oss-reply.ts';
import type { OssRequest } from '../wire/oss-request.ts';
import type { Operation } from './context.ts';
import { describe, encryptionOf, keptHeaders } from './object-headers.ts';
import { checkPreconditions } from './preconditions.ts';
import { requestedRange } from './range.ts';
import { receiveBody } from './receive-body.ts';

export const putObject: Operation = async (request, { bucket, directory, now }) => {
  const { key, headers } = request;
  const kept = keptHeaders(headers);
  bucket.refuseOverwrite(key, headers);
  const { bytes, md5, crc64 } = await receiveBody(request, directory);
  try {
    // Check again: another request may have written the object while the bytes arrived.
    bucket.refuseOverwrite(key, headers);
  } catch (error) {
    await bytes.drop();
    throw error;
  }
  bucket.put({ key, bytes, etag: md5, crc64, type: 'Normal', modifiedAt: now(), headers: kept });
  return {
    status: 200,
    headers: {
      etag: quoted(md5),
      'x-oss-hash-crc64ecma': String(crc64),
      'content-md5': Buffer.from(md5, 'hex').toString('base64'),
      ...encryptionOf(kept),
    },
  };
};

export const getObject: Operation = (request, { bucket }) => {
  const object = bucket.object(request.key);
  if (checkPreconditions(object, request.headers) === 'not-modified') return notModified(object);
  const { size } = object.bytes;
  const headers = { ...describe(object), ...overrides(request) };
  const range = requestedRange(request.headers, size);
  if (range === undefined)
    return { status: 200, headers: { ...headers, 'content-length': size }, body: object.bytes.read() };
  const { start, end } = range;
  return {
    status: 206,
    headers: {
      ...headers,
      'content-length': end - start,
      'content-range': `bytes ${start}-${end - 1}/${size}`,
    },
    body: object.bytes.read(start, end),
  };
};

export const headObject: Operation = ({ key, headers }, { bucket }) => {
  const object = bucket.object(key);
  if (checkPreconditions(object, headers) === 'not-modified') return notModified(object);
  return { status: 200, headers: { ...describe(object), 'content-length': object.bytes.size } };
};

/** Answers HEAD with `?objectMeta`, which has few headers. */
export const getObjectMeta: Operation = ({ key }, { bucket }) => {
  const object = bucket.object(key);
  return {
    status: 200,
    headers: {
      etag: quoted(object.etag),
      'last-modified': object.modifiedAt.toUTCString(),
      'x-oss-hash-crc64ecma': String(object.crc64),
      'content-length': object.bytes.size,
    },
  };
};

/** Deletes an object. The answer is the same if it did not exist. */
export const deleteObject: Operation = ({ key }, { bucket }) => {
  bucket.delete(key);
  return noContent;
};

function notModified({ etag, modifiedAt }: StoredObject): OssReply {
  return { status: 304, headers: { etag: quoted(etag), 'last-modified': modifiedAt.toUTCString() } };
}

/** Returns the headers that the query overrides: `response-content-type=…` replaces Content-Type. */
function overrides({ query }: OssRequest): OutgoingHttpHeaders {
  const prefix = 'response-';
  return Object.fromEntries(
    [...query]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}
