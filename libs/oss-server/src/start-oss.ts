import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreContents } from '@longshore/testing/stores';
import type { OssCredentials, OssTemporaryCredentials } from './authorization/credentials.ts';
import { Faults, type OssFault } from './faults.ts';
import { Bucket } from './objects/bucket.ts';
import { handle, type Service } from './request-handler.ts';
import type { OssOperation } from './routing.ts';

export interface OssOptions {
  /** `longshore` and `longshore-other` by default; the first is the server's `bucket`. */
  readonly buckets?: readonly string[];
  /** `cn-hangzhou` by default. V4 signatures are valid for one region. */
  readonly region?: string;
  /** Buckets by their CNAME. */
  readonly cnames?: Readonly<Record<string, string>>;
  /** The system's clock by default. */
  readonly now?: () => Date;
}

/** `await using` stops it at the end of the block. */
export interface OssServer extends OssCredentials, AsyncDisposable {
  /** The endpoint with the name `localhost` and buckets in the path (`sldEnable` of ali-oss). */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly buckets: readonly string[];
  /** A second pair that is equally valid. */
  readonly otherCredentials: OssCredentials;
  /** Issues a new pair with a token, like STS. */
  issueToken(options: { readonly expiresAt: Date }): OssTemporaryCredentials;
  /** Returns the number of requests since the start or the last reset, whatever their outcome. */
  requests(): Readonly<Partial<Record<OssOperation, number>>>;
  resetRequests(): void;
  /** Lists everything in `bucket`. */
  contents(): StoreContents;
  /** Injects a fault until it is cleared, or has happened as often as it should. */
  fault(fault: OssFault): { clear(): void };
  /** Breaks all connections and refuses new ones; the stored data stays. */
  kill(): Promise<void>;
  /** Serves again, on the same port and with the same data. */
  restart(): Promise<void>;
  /** Stops the server and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts a server of Aliyun OSS's API in this process, on a free port of the loopback interface, with its objects in a temporary directory. It
 * verifies signatures (V1 and V4, in headers and URLs), digests and multipart rules, and paginates and refuses as the public documentation says. A
 * client therefore meets the behavior of the service. Bodies are streamed, so objects may have any size.
 */
export async function startOss(options: OssOptions = {}): Promise<OssServer> {
  const {
    buckets = ['longshore', 'longshore-other'],
    region = 'cn-hangzhou',
    now = () => new Date(),
  } = options;
  const directory = await mkdtemp(join(tmpdir(), 'longshore-oss-'));
  const first = newCredentials();
  const otherCredentials = newCredentials();
  const credentials: OssCredentials[] = [first, otherCredentials];
  const faults = new Faults();
  const counts = new Map<OssOperation, number>();
  const made = new Map(buckets.map((name) => [name, new Bucket(name, now())]));
  const server = serve({
    authority: { credentials, region, now },
    buckets: made,
    cnames: options.cnames ?? {},
    directory,
    faults,
    count: (operation) => counts.set(operation, (counts.get(operation) ?? 0) + 1),
  });
  const port = await listen(server, 0);
  const stop = async (): Promise<void> => {
    await close(server);
    await rm(directory, { recursive: true, force: true });
  };
  return {
    ...first,
    endpoint: `http://localhost:${port}`,
    region,
    bucket: buckets[0] ?? '',
    buckets,
    otherCredentials,
    issueToken: ({ expiresAt }) => {
      const { accessKeyId, accessKeySecret } = newCredentials();
      const issued = {
        accessKeyId: `STS.${accessKeyId}`,
        accessKeySecret,
        securityToken: randomUUID(),
        expiresAt,
      };
      credentials.push(issued);
      return issued;
    },
    requests: () => Object.fromEntries(counts),
    resetRequests: () => counts.clear(),
    contents: () => contentsOf(made.get(buckets[0] ?? '')),
    fault: (fault) => faults.inject(fault),
    kill: () => close(server),
    restart: async () => {
      await close(server);
      await listen(server, port);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function contentsOf(bucket: Bucket | undefined): StoreContents {
  if (bucket === undefined) throw new Error('the server has no bucket');
  return {
    objects: Array.from(bucket.objectsFrom(''), ({ key }) => key),
    uploads: Array.from(bucket.uploads.values(), ({ key }) => key),
  };
}

function newCredentials(): OssCredentials {
  return {
    accessKeyId: `LTAI${randomBytes(8).toString('hex')}`,
    accessKeySecret: randomBytes(15).toString('hex'),
  };
}

function serve(service: Service): Server {
  const server = createServer((message, response) => void handle(message, response, service));
  // A body of gigabytes may take longer than Node's limit of five minutes.
  server.requestTimeout = 0;
  return server;
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
