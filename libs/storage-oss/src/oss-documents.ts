import { z } from 'zod';
import { OssFailure } from './oss-failure.ts';

/** Accepts a list. xml2js gives a single element for a list of one, and nothing for an empty list. */
function many<T extends z.ZodType>(element: T) {
  return z.preprocess((value) => {
    if (value === undefined || value === '') return [];
    return Array.isArray(value) ? value : [value];
  }, z.array(element));
}

/** Names are requested in this encoding (`encoding-type=url`), because XML cannot contain all characters. */
const encoded = z.string().transform((text) => decodeURIComponent(text.replaceAll('+', '%20')));
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const etag = z.string().transform(bareEtag);

export const objectList = z.object({
  IsTruncated: flag,
  Contents: many(z.object({ Key: encoded, Size: z.coerce.number(), LastModified: z.coerce.date() })),
});

export const uploadList = z.object({
  IsTruncated: flag,
  NextKeyMarker: encoded.default(''),
  NextUploadIdMarker: z.string().default(''),
  Upload: many(z.object({ Key: encoded, UploadId: z.string(), Initiated: z.coerce.date() })),
});

export const partList = z.object({
  Part: many(z.object({ PartNumber: z.coerce.number(), ETag: etag })),
});

export const begunUpload = z.object({ UploadId: z.string().min(1) });

export const completedUpload = z.object({ ETag: z.string() });

export const deletedObjects = z.object({
  Deleted: many(z.object({ Key: encoded })),
});

/** @throws OssFailure for a document that is not of OSS */
export function read<T>(schema: z.ZodType<T>, document: unknown): T {
  const { success, data } = schema.safeParse(document === '' ? {} : document);
  if (success) return data;
  throw new OssFailure('answers with a document that is not one of OSS', { status: 200 });
}

export function bareEtag(value: string): string {
  return value.replaceAll('"', '');
}

export function deletion(names: readonly string[]): Buffer {
  const objects = names.map((name) => `<Object><Key>${escaped(name)}</Key></Object>`);
  // A quiet deletion would not report the names that it did not delete.
  return Buffer.from(`${prolog}<Delete><Quiet>false</Quiet>${objects.join('')}</Delete>`);
}

export function completion(parts: readonly { readonly number: number; readonly etag: string }[]): Buffer {
  const elements = parts.map(
    ({ number, etag: tag }) => `<Part><PartNumber>${number}</PartNumber><ETag>"${tag}"</ETag></Part>`,
  );
  return Buffer.from(`${prolog}<CompleteMultipartUpload>${elements.join('')}</CompleteMultipartUpload>`);
}

const prolog = '<?xml version="1.0" encoding="UTF-8"?>';
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>]/g, (character) => entities[character] ?? character);
}
