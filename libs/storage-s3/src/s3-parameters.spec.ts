import { driverParameters } from '@longshore/storage';
import { describe, expect, it } from 'vitest';
import { s3Parameters } from './s3-parameters.ts';
import { openS3 } from './testing/open-s3.ts';

const elsewhere = { bucket: 'b', regionendpoint: 'http://127.0.0.1:9000' };

describe('s3Parameters', () => {
  it('has distribution’s defaults', () => {
    expect(driverParameters(s3Parameters, { bucket: 'b', region: 'eu-central-1' })).toMatchObject({
      encrypt: false,
      secure: true,
      skipverify: false,
      chunksize: 10 * 1024 * 1024,
      rootdirectory: '',
      storageclass: 'STANDARD',
      objectacl: 'private',
      usedualstack: false,
      accelerate: false,
      usefipsendpoint: false,
      loglevel: 'off',
    });
  });

  it('reads texts, as from the environment', () => {
    const read = driverParameters(s3Parameters, {
      ...elsewhere,
      encrypt: 'yes',
      chunksize: '5242880',
      storageclass: 'standard_ia',
      maxretries: '0',
      multipartcopythresholdsize: '33554432',
    });
    expect(read).toMatchObject({
      encrypt: true,
      chunksize: 5_242_880,
      storageclass: 'STANDARD_IA',
      maxretries: 0,
    });
  });

  it.each([
    ['bucket', { region: 'r' }],
    ['region', { bucket: 'b' }],
    ['secretkey', { ...elsewhere, accesskey: 'a' }],
    ['accesskey', { ...elsewhere, secretkey: 'hidden' }],
    ['sessiontoken', { ...elsewhere, sessiontoken: 'hidden' }],
    ['keyid', { ...elsewhere, keyid: 'k' }],
    ['ssecustomerkey', { ...elsewhere, ssecustomerkey: 'hidden' }],
    ['ssecustomerkey', { ...elsewhere, encrypt: true, ssecustomerkey: Buffer.alloc(32).toString('base64') }],
    ['v4auth', { ...elsewhere, v4auth: false }],
    ['chunksize', { ...elsewhere, chunksize: 5_242_879 }],
    ['regionendpoint', { bucket: 'b', regionendpoint: 'minio:9000' }],
    ['storageclass', { ...elsewhere, storageclass: 'COLD' }],
    ['objectacl', { ...elsewhere, objectacl: 'mine' }],
    ['accelerate', { ...elsewhere, accelerate: true }],
    ['usedualstack', { ...elsewhere, usedualstack: true }],
    ['accountname', { ...elsewhere, accountname: 'of Azure' }],
  ])('refuses a wrong %s by its name, and prints no secret', async (key, parameters) => {
    const problem = await openS3(parameters).catch((error: unknown) => String(error));
    expect(problem).toContain(key);
    expect(problem).not.toContain('hidden');
  });
});
