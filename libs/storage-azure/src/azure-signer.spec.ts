import { driverParameters } from '@longshore/storage';
import { describe, expect, it } from 'vitest';
import { azureParameters } from './azure-parameters.ts';
import { openAzureService } from './azure-service.ts';
import { DelegationKeys, type LendKey, signerOf } from './azure-signer.ts';

const accountkey = Buffer.from('a key of this test').toString('base64');
const hour = 3600 * 1000;

async function signerWith(parameters: Record<string, unknown>) {
  const service = await openAzureService(
    driverParameters(azureParameters, { container: 'blobs', ...parameters }),
  );
  return signerOf(service, service.client.getContainerClient('blobs'));
}

describe('signerOf', () => {
  it("signs with the account's key a right to read, over TLS alone, which is the same for the same moment", async () => {
    const sign = await signerWith({ accountname: 'shop', accountkey });
    const url = new URL((await sign?.('a/b', new Date('2030-01-01T00:00:00Z'))) ?? '');
    expect(url.origin + url.pathname).toBe('https://shop.blob.core.windows.net/blobs/a/b');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      sp: 'r',
      sr: 'b',
      spr: 'https',
      se: '2030-01-01T00:00:00Z',
    });
    expect(await sign?.('a/b', new Date('2030-01-01T00:00:00Z'))).toBe(url.href);
  });

  it('does not sign with a shared access signature: it would pass on the right to write', async () => {
    expect(await signerWith({ accountname: 'shop', sastoken: '?sv=1&sig=x' })).toBeUndefined();
    const connectionstring =
      'BlobEndpoint=https://shop.blob.core.windows.net;SharedAccessSignature=sv=1&sig=x';
    expect(await signerWith({ connectionstring })).toBeUndefined();
  });

  it('signs with the key of a connection string', async () => {
    const connectionstring = `DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=${accountkey};EndpointSuffix=core.chinacloudapi.cn`;
    const sign = await signerWith({ connectionstring });
    expect(await sign?.('a', new Date())).toContain('https://shop.blob.core.chinacloudapi.cn/blobs/a?');
  });

  it("signs for the cloud's identity", async () => {
    expect(await signerWith({ accountname: 'shop' })).toBeDefined();
  });
});

describe('DelegationKeys', () => {
  it('uses one key for concurrent calls, until a URL would outlive it', async () => {
    const lender = new Lender();
    const keys = new DelegationKeys(lender.lend);
    const soon = new Date(Date.now() + hour);
    await Promise.all(Array.from({ length: 5 }, () => keys.goodUntil(soon)));
    await keys.goodUntil(soon);
    expect(lender.asked).toBe(1);
    const late = new Date(Date.now() + 48 * hour);
    expect((await keys.goodUntil(late)).signedExpiresOn.getTime()).toBeGreaterThanOrEqual(late.getTime());
    expect(lender.asked).toBe(2);
  });

  it('asks again after a failure', async () => {
    const lender = new Lender();
    const keys = new DelegationKeys(lender.lend);
    lender.failure = new Error('not now');
    await expect(keys.goodUntil(new Date())).rejects.toThrow('not now');
    lender.failure = undefined;
    await expect(keys.goodUntil(new Date())).resolves.toBeDefined();
  });

  it('never asks for a key of more than a week', async () => {
    const lender = new Lender();
    const { signedExpiresOn, signedStartsOn } = await new DelegationKeys(lender.lend).goodUntil(
      new Date(Date.now() + 7 * 24 * hour),
    );
    expect(signedExpiresOn.getTime() - signedStartsOn.getTime()).toBeLessThanOrEqual(7 * 24 * hour);
  });
});

class Lender {
  asked = 0;
  failure: Error | undefined;

  readonly lend: LendKey = async (signedStartsOn, signedExpiresOn) => {
    this.asked++;
    if (this.failure !== undefined) throw this.failure;
    const names = { signedObjectId: 'o', signedTenantId: 't', signedService: 'b', signedVersion: 'v' };
    return { ...names, signedStartsOn, signedExpiresOn, value: accountkey };
  };
}
