import { driverParameters } from '@longshore/storage';
import { describe, expect, it } from 'vitest';
import { azureParameters } from './azure-parameters.ts';
import { createDriver } from './index.ts';

const accountkey = Buffer.from('a key of this test').toString('base64');
const usual = { accountname: 'shop', accountkey, container: 'blobs' };
const opened = async (parameters: object) => createDriver(parameters);
const client = { type: 'client_secret', clientid: 'c', tenantid: 't', secret: 's' };
const sas = 'sv=1&sig=x';

describe('azureParameters', () => {
  it('has the defaults of distribution, and reads texts, as from the environment', () => {
    const texts = { chunksize: '8388608', max_retries: '-1', skipverify: 'yes', retry_delay: '50ms' };
    expect(driverParameters(azureParameters, usual)).toMatchObject({
      realm: 'core.windows.net',
      max_retries: 5,
      retry_delay: 100,
      rootdirectory: '',
      skipverify: false,
      chunksize: 4 * 1024 * 1024,
    });
    expect(driverParameters(azureParameters, { ...usual, ...texts })).toMatchObject({
      chunksize: 8 * 1024 * 1024,
      max_retries: -1,
      skipverify: true,
      retry_delay: 50,
    });
  });

  it.each([
    ['a key', usual],
    ['a connection string', { container: 'c', connectionstring: 'x' }],
    ['a shared access signature', { container: 'c', accountname: 'a', sastoken: sas }],
    ['one, and its service', { container: 'c', serviceurl: 'http://s', sastoken: sas }],
    ['a client', { container: 'c', accountname: 'a', credentials: client }],
    ['the identity of the cloud', { container: 'c', accountname: 'a' }],
    ['it, named', { container: 'c', accountname: 'a', credentials: { type: 'default_credentials' } }],
  ])('signs in with %s', (_, parameters) => {
    expect(() => driverParameters(azureParameters, parameters)).not.toThrow();
  });

  it.each([
    ['container', { accountname: 'a' }],
    ['accountname', { container: 'c' }],
    ['accountname', { container: 'c', accountkey, serviceurl: 'https://s' }],
    ['accountkey', { ...usual, accountkey: 'not base64!' }],
    ['accountkey', { ...usual, connectionstring: 'x' }],
    ['accountkey', { container: 'c', accountname: 'a', credentials: { type: 'shared_key' } }],
    ['sastoken', { ...usual, sastoken: sas }],
    ['serviceurl', { container: 'c', connectionstring: 'x', serviceurl: 'https://s' }],
    ['serviceurl', { ...usual, serviceurl: 'ftp://s' }],
    ['serviceurl', { container: 'c', serviceurl: 'http://s', accountname: 'a' }],
    ['credentials.type', { ...usual, credentials: client }],
    ['credentials.type', { ...usual, credentials: { type: 'password' } }],
    [
      'credentials.secret',
      { container: 'c', accountname: 'a', credentials: { ...client, secret: undefined } },
    ],
    ['chunksize', { ...usual, chunksize: 1000 }],
    ['max_retries', { ...usual, max_retries: -2 }],
    ['bucket', { ...usual, bucket: 'of another driver' }],
  ])('refuses a wrong %s by name: %j', async (name, parameters) => {
    const refused = opened(parameters).then(() => 'nothing', String);
    expect(await refused).toContain(`${name}: `);
    expect(await refused).not.toContain(accountkey);
  });

  it('names the wrong part of a connection string, and quotes nothing of it', async () => {
    const connectionstring = `DefaultEndpointsProtocol=https;AccountName=;AccountKey=${accountkey};EndpointSuffix=x`;
    const refused = opened({ container: 'c', connectionstring }).then(() => '', String);
    expect(await refused).toMatch(/connectionstring: .*AccountName/);
    expect(await refused).not.toContain(accountkey);
  });

  it('fails if the CA bundle is missing', async () => {
    const refused = opened({ ...usual, cabundle: '/not/there.pem' });
    await expect(refused).rejects.toThrow(/^cabundle: .*\/not\/there\.pem/);
  });
});
