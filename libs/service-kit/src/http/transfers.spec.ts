import { Readable } from 'node:stream';
import { eventually, exchange, open } from '@longshore/testing';
import { describe, expect, it } from 'vitest';
import { Endpoint } from '../endpoints/endpoint.decorator.ts';
import { openDoor } from '../testing/open-door.ts';
import type { RegistryRequest } from './registry-request.ts';
import { empty, type Reply, stream } from './reply.ts';
import { Transfers } from './transfers.ts';

const limits = { limit: 4, peraccount: 2, peraddress: 3 };
const ann = { subject: 'ann', address: '192.0.2.1' };
const bob = { subject: 'bob', address: '192.0.2.1' };
const nobody = { subject: '', address: '192.0.2.9' };

describe('Transfers', () => {
  it('refuses bodies beyond the process limit with 503, and accepts more when one has ended', () => {
    const transfers = new Transfers({ ...limits, peraddress: 9 });
    const [end] = [ann, ann, bob, bob].map((client) => transfers.begin(client));
    const beyond = { code: 'UNAVAILABLE', status: 503, headers: { 'retry-after': '5' } };
    expect(() => transfers.begin(nobody)).toThrow(expect.objectContaining(beyond));
    end?.();
    expect(transfers.current).toBe(3);
    transfers.begin(nobody);
    expect(transfers.refused).toEqual({ process: 1, account: 0, address: 0 });
  });

  it('refuses what is beyond an account with 429, and takes other accounts', () => {
    const transfers = new Transfers(limits);
    transfers.begin(ann);
    const end = transfers.begin(ann);
    const beyond = { code: 'TOOMANYREQUESTS', status: 429, headers: { 'retry-after': '5' } };
    expect(() => transfers.begin({ ...ann, address: '192.0.2.2' })).toThrow(expect.objectContaining(beyond));
    transfers.begin(bob);
    end();
    transfers.begin(ann);
    expect(transfers.refused).toEqual({ process: 0, account: 1, address: 0 });
  });

  it('refuses what is beyond an address with 429, also of anonymous clients, whom it does not take for one account', () => {
    const transfers = new Transfers(limits);
    for (let count = 0; count < 3; count++) transfers.begin(nobody);
    expect(() => transfers.begin(nobody)).toThrow(expect.objectContaining({ status: 429 }));
    transfers.begin({ subject: '', address: '192.0.2.10' });
    expect(transfers.refused).toEqual({ process: 0, account: 0, address: 1 });
  });
});

const path = `/v2/team/app/blobs/sha256:${'a'.repeat(64)}`;
const upload = '/v2/team/app/blobs/uploads/6f1a2a3e-0f6c-4f0e-9a3c-3f2b8f0f8e11';

class Blobs {
  @Endpoint('blob-get')
  async get(): Promise<Reply> {
    return stream(200, Readable.from([Buffer.alloc(32 * 1024 * 1024)]), {
      'content-length': 32 * 1024 * 1024,
    });
  }

  @Endpoint('upload-patch')
  async patch({ body }: RegistryRequest): Promise<Reply> {
    for await (const _ of body) continue;
    return empty(202);
  }
}

describe('the door and transfers', () => {
  it('refuses bodies of either way beyond the limit, and nothing else; each has its end', async () => {
    const transfers = new Transfers({ limit: 2, peraccount: 2, peraddress: 2 });
    const door = await openDoor({ endpoints: [new Blobs()], transfers });
    try {
      const standing = [await open(door.origin, path), await open(door.origin, path)];
      const refusals = [
        await exchange(door.origin, path),
        await exchange(door.origin, upload, { method: 'PATCH', body: 'x'.repeat(10) }),
      ];
      expect(refusals.map(({ status, codes }) => [status, codes])).toEqual([
        [503, ['UNAVAILABLE']],
        [503, ['UNAVAILABLE']],
      ]);
      expect((await exchange(door.origin, path, { method: 'HEAD' })).status).toBe(200);
      for (const message of standing) message.on('error', () => undefined).destroy();
      await eventually(() => expect(transfers.current).toBe(0));
      const body = 'x'.repeat(10);
      expect((await exchange(door.origin, upload, { method: 'PATCH', body })).status).toBe(202);
      expect(transfers.current).toBe(0);
    } finally {
      await door.close();
    }
  });
});
