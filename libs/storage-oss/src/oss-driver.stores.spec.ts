import dns from 'node:dns';
import { driverParameters, InstrumentedDriver } from '@longshore/storage';
import { describeStorageDriver } from '@longshore/storage/testing';
import { type OssServer, startOss } from '@longshore/oss-server';
import { afterAll, beforeAll, vi } from 'vitest';
import { createOssDriver } from './create-oss-driver.ts';
import { ossParameters } from './oss-parameters.ts';

interface Dialect {
  readonly name: string;
  readonly parameters: (server: OssServer) => object;
}

const dialects: readonly Dialect[] = [
  {
    name: 'oss, signatures V4',
    parameters: ({ endpoint, region }) => ({ endpoint, region, forcepathstyle: true }),
  },
  {
    name: 'oss, signatures V1',
    parameters: ({ endpoint, bucket }) => ({
      endpoint: endpoint.replace('localhost', `${bucket}.localhost`),
      signatureversion: 'v1',
      rootdirectory: '/registry/a & b',
    }),
  },
];

// Not every resolver maps all names below localhost to this machine (RFC 6761).
beforeAll(() => {
  const local = new Proxy(dns.lookup, {
    apply: (lookup, self, [host, ...rest]: unknown[]): unknown =>
      Reflect.apply(lookup, self, [String(host).endsWith('.localhost') ? 'localhost' : host, ...rest]),
  });
  vi.spyOn(dns, 'lookup').mockImplementation(local);
});
afterAll(() => vi.restoreAllMocks());

for (const { name, parameters } of dialects)
  describeStorageDriver(name, async () => {
    const server = await startOss();
    const open = (): InstrumentedDriver =>
      new InstrumentedDriver(
        createOssDriver(
          driverParameters(ossParameters, {
            accesskeyid: server.accessKeyId,
            accesskeysecret: server.accessKeySecret,
            bucket: server.bucket,
            secure: false,
            ...parameters(server),
          }),
        ),
      );
    const breakAppend = (): (() => void) => {
      const operations = ['PutObject', 'UploadPart'] as const;
      const fault = server.fault({ kind: 'reset', operations, afterBytes: 1024 * 1024 });
      return () => fault.clear();
    };
    return { driver: open(), other: open(), breakAppend, dispose: () => server.stop() };
  });
