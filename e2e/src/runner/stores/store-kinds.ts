import type { Fault } from '@longshore/testing/stores';
import type { RemoteDriverName } from '@longshore/stores/catalogue';
import { startAzure } from './kinds/azure.ts';
import { startOssStore } from './kinds/oss.ts';
import { startS3 } from './kinds/s3.ts';
import { startSwiftStore } from './kinds/swift.ts';
import type { StartedStore } from './started-store.ts';

export interface StoreKind {
  readonly name: string;
  /** Part size of an upload. Each driver has its own default. */
  readonly partBytes: number;
  /** The service's answer to too many requests. */
  readonly throttling: Extract<Fault, { readonly kind: 'answer' }>;
  /** Rejects if its server is not on this machine. */
  start(): Promise<StartedStore>;
}

const mebibyte = 1024 * 1024;

/** One for each driver of the catalogue with a server as its store. */
const kinds: Readonly<Record<RemoteDriverName, Omit<StoreKind, 'name'>>> = {
  s3: { partBytes: 10 * mebibyte, throttling: busy('SlowDown'), start: startS3 },
  azure: {
    partBytes: 4 * mebibyte,
    throttling: busy('ServerBusy', { 'x-ms-error-code': 'ServerBusy' }),
    start: startAzure,
  },
  swift: { partBytes: 20 * mebibyte, throttling: busy('ServiceUnavailable'), start: startSwiftStore },
  oss: { partBytes: 10 * mebibyte, throttling: busy('SlowDown'), start: startOssStore },
};

export const storeKinds: readonly StoreKind[] = Object.entries(kinds).map(([name, kind]) =>
  Object.assign({ name }, kind),
);

function busy(code: string, headers: Readonly<Record<string, string>> = {}): StoreKind['throttling'] {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>Please reduce your request rate.</Message></Error>`;
  return { kind: 'answer', status: 503, headers: { 'content-type': 'application/xml', ...headers }, body };
}
