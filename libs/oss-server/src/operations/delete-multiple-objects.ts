import { createHash } from 'node:crypto';
import { OssError } from '../wire/oss-error.ts';
import { xml } from '../wire/oss-reply.ts';
import { readText } from '../wire/oss-request.ts';
import { document, element } from '../wire/xml.ts';
import { parseDocument } from '../wire/xml-document.ts';
import type { Operation } from './context.ts';
import { nameWriter } from './listing.ts';

const largestDocument = 2 * 1024 ** 2;
const mostKeys = 1000;

export const deleteMultipleObjects: Operation = async (request, { bucket }) => {
  const digest = request.headers['content-md5'];
  if (digest === undefined) throw new OssError('MissingArgument', { ArgumentName: 'Content-MD5' });
  const body = await readText(request, largestDocument);
  if (createHash('md5').update(body).digest('base64') !== digest)
    throw new OssError('InvalidDigest', { 'Content-MD5': digest });
  const root = parseDocument(body.toString(), 'Delete');
  const keys = root.children('Object').map((object) => object.child('Key').text);
  if (keys.length === 0 || keys.length > mostKeys) throw new OssError('MalformedXML');
  for (const key of keys) bucket.delete(key);
  // A quiet request is answered without a body.
  if (root.children('Quiet')[0]?.text === 'true') return { status: 200, headers: { 'content-length': 0 } };
  const write = nameWriter(request.query);
  return xml(
    document('DeleteResult', [
      ...write.encoding,
      ...keys.map((key) => element('Deleted', [write.name('Key', key)])),
    ]),
  );
};
