import { createLogger } from '@longshore/telemetry';
import { ServiceLog } from '@longshore/service-kit';
import { eventually } from '@longshore/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { ReplicaWatch } from './replica-watch.ts';
import { Upstreams } from './upstreams.ts';

type Lookup = (name: string, options: { all: true }) => Promise<{ address: string; family: number }[]>;
const dns = vi.hoisted(() => ({ lookup: vi.fn<Lookup>() }));
vi.mock('node:dns/promises', () => dns);

const faults: unknown[] = [];
class FaultLog extends ServiceLog {
  override error(fault: unknown): void {
    faults.push(fault);
  }
}
const watches: ReplicaWatch[] = [];
afterEach(() => Promise.all(watches.splice(0).map((watch) => watch.onApplicationShutdown())));

function watching(...urls: string[]): Upstreams {
  const upstreams = new Upstreams(urls);
  const watch = new ReplicaWatch(upstreams, new FaultLog(createLogger({ level: 'silent' })));
  watches.push(watch);
  watch.onModuleInit();
  return upstreams;
}

const offered = (upstreams: Upstreams): string[] =>
  upstreams
    .order()
    .map(({ origin }) => origin)
    .toSorted();

it('offers every address behind a name, in either family', async () => {
  dns.lookup.mockResolvedValue([
    { address: '10.0.0.2', family: 4 },
    { address: 'fd00::2', family: 6 },
  ]);
  const upstreams = watching('http://blob-service:5000');
  await eventually(() =>
    expect(offered(upstreams)).toEqual(['http://10.0.0.2:5000', 'http://[fd00::2]:5000']),
  );
});

it('continues with the known addresses when the name cannot be resolved', async () => {
  dns.lookup.mockRejectedValue(new Error('ENOTFOUND'));
  const upstreams = watching('http://blob-service:5000');
  await eventually(() => expect(faults).toHaveLength(1));
  expect(offered(upstreams)).toEqual(['http://blob-service:5000']);
});

it('offers every address behind a name with TLS, each with the name that its certificate is for', async () => {
  dns.lookup.mockResolvedValue([
    { address: '10.0.0.2', family: 4 },
    { address: '10.0.0.3', family: 4 },
  ]);
  const upstreams = watching('https://blobs.example');
  const host = 'blobs.example';
  expect(upstreams.order()).toEqual([{ origin: 'https://blobs.example', host }]);
  const addresses = ['https://10.0.0.2:443', 'https://10.0.0.3:443'].map((origin) => ({ origin, host }));
  await eventually(() => expect(upstreams.order()).toEqual(expect.arrayContaining(addresses)));
});

it('leaves addresses as they are', async () => {
  dns.lookup.mockReset();
  const upstreams = watching('http://10.0.0.9:5000', 'https://[fd00::2]:5000');
  expect(offered(upstreams)).toEqual(['http://10.0.0.9:5000', 'https://[fd00::2]:5000']);
  expect(dns.lookup).not.toHaveBeenCalled();
});
