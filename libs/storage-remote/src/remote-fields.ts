import { byteSize, defaulting, flag, integer, word } from '@longshore/fields';

// Parameters that the drivers of remote stores share. Every process loads them with the catalogue, so this file imports nothing else of the package:
// that would load the HTTP agents.

export const cabundle = word("File of certificates to trust instead of the system's.").optional();

export const skipverify = defaulting(flag('Do not verify the certificate of the endpoint.'), 'false');

export const maxrequestspersecond = integer('Most requests per second to the store, per process.', {
  minimum: 1,
}).optional();

export const maxconcurrency = defaulting(
  integer('Concurrent requests to the store, per process.', { minimum: 1 }),
  '100',
);

export const maxretries = defaulting(integer('Retries after the first attempt.', { maximum: 100 }), '5');

const mebibyte = 1024 * 1024;

/** Part size of stores with multipart uploads. S3 and OSS accept no smaller part. */
export const chunksize = defaulting(
  byteSize('Part size of an upload.', { minimum: 5 * mebibyte, maximum: 1024 * mebibyte }),
  '10MiB',
);
