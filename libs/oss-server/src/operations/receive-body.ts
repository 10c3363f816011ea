import { type Received, receive } from '../objects/stored-bytes.ts';
import { OssError } from '../wire/oss-error.ts';
import type { OssRequest } from '../wire/oss-request.ts';

/** Limit of a body in PutObject and UploadPart: 5 GiB. */
const largestBody = 5 * 1024 ** 3;

/**
 * Stores a request's body and checks it against its Content-MD5. Keeps nothing after an error.
 * @throws OssError MissingContentLength, EntityTooLarge, InvalidDigest
 */
export async function receiveBody({ headers, body }: OssRequest, directory: string): Promise<Received> {
  const length = headers['content-length'];
  if (length === undefined && headers['transfer-encoding'] === undefined)
    throw new OssError('MissingContentLength');
  if (Number(length ?? 0) > largestBody) throw new OssError('EntityTooLarge');
  const expected = headers['content-md5'];
  if (expected !== undefined) refuseMalformed(expected);
  const received = await receive(body, directory);
  if (expected === undefined || md5InBase64(received.md5) === expected) return received;
  await received.bytes.drop();
  throw new OssError('InvalidDigest', { 'Content-MD5': expected });
}

function refuseMalformed(digest: string): void {
  const bytes = Buffer.from(digest, 'base64');
  if (bytes.length !== 16 || bytes.toString('base64') !== digest)
    throw new OssError('InvalidDigest', { 'Content-MD5': digest });
}

function md5InBase64(hexadecimal: string): string {
  return Buffer.from(hexadecimal, 'hex').toString('base64');
}
