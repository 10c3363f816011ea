import { driverParameters, StorageConfigurationError } from '@longshore/storage';
import { describe, expect, it } from 'vitest';
import { ossParameters } from './oss-parameters.ts';

const least = { accesskeyid: 'id', accesskeysecret: 'hush', region: 'oss-cn-hangzhou', bucket: 'bucket' };

function complaints(parameters: object): readonly string[] {
  try {
    driverParameters(ossParameters, { ...least, ...parameters });
    return [];
  } catch (error) {
    if (error instanceof StorageConfigurationError)
      return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
}

describe('ossParameters', () => {
  it('has the defaults of distribution 2.8', () => {
    expect(driverParameters(ossParameters, least)).toMatchObject({
      internal: false,
      encrypt: false,
      secure: true,
      chunksize: 10 * 1024 * 1024,
      rootdirectory: '',
    });
  });

  it('reads texts, as from the environment', () => {
    const texts = { internal: 'true', secure: 'no', chunksize: '5242880', maxretries: '0', timeout: '5s' };
    expect(driverParameters(ossParameters, { ...least, ...texts })).toMatchObject({
      internal: true,
      secure: false,
      chunksize: 5_242_880,
      maxretries: 0,
      timeout: 5000,
    });
  });

  it.each([
    [{ bucket: undefined }, 'bucket'],
    [{ bucket: 'Upper_Case' }, 'bucket: must be the name of a bucket'],
    [{ region: undefined }, 'region: is missing'],
    [{ region: undefined, endpoint: 'e.example', signatureversion: 'v4' }, 'region: is missing'],
    [{ region: 'http://x' }, 'region: must be the name of a region'],
    [{ accesskeysecret: undefined }, 'accesskeysecret: is missing'],
    [{ accesskeyid: undefined }, 'accesskeyid: is missing'],
    [{ accesskeyid: undefined, accesskeysecret: undefined, securitytoken: 't' }, 'securitytoken: belongs'],
    [{ ramrole: 'r' }, 'ramrole: is another way'],
    [{ encryptionkeyid: 'k' }, 'encryptionkeyid: is of use only with encrypt'],
    [{ cname: true }, 'endpoint: is missing'],
    [{ cname: true, endpoint: 'e.example', forcepathstyle: true }, 'forcepathstyle: contradicts cname'],
    [{ endpoint: '10.0.0.1' }, 'endpoint: is an address'],
    [{ endpoint: '[::1]:80' }, 'endpoint: is an address'],
    [{ endpoint: 'ftp://e.example' }, 'endpoint: must be a host name'],
    [{ redirectendpoint: 'not a host' }, 'redirectendpoint: must be a host name'],
    [{ chunksize: 1024 }, 'chunksize: must be a size in bytes or such as 10MiB, at least 5242880 bytes'],
    [{ rootdirectory: 'a/../b' }, 'rootdirectory: must not have'],
    [{ signatureversion: 'v2' }, 'signatureversion'],
    [{ timeout: 5 }, 'timeout'],
    [{ accountname: 'x' }, 'accountname'],
  ])('refuses %j with %s, and never prints the secret', (parameters, complaint) => {
    const told = complaints(parameters).join('; ');
    expect(told).toContain(complaint.split(':')[0]);
    expect(told).toContain(complaint.split(': ')[1] ?? '');
    expect(told).not.toContain('hush');
  });

  it('needs no key with a role, and no region with an endpoint', () => {
    expect(complaints({ accesskeyid: undefined, accesskeysecret: undefined, ramrole: 'r' })).toEqual([]);
    expect(complaints({ region: undefined, endpoint: 'e.example' })).toEqual([]);
    expect(complaints({ endpoint: '10.0.0.1:9000', forcepathstyle: true })).toEqual([]);
  });
});
