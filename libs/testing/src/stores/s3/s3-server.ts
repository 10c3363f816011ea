import { randomBytes } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { answers } from '../process/answers.ts';
import { freePort } from '../../http/free-port.ts';
import { ServerProcess } from '../process/server-process.ts';
import { makeHome, StoreProcesses, type StoreServer } from '../store-server.ts';

/** The parameters of a client of an S3 server. */
export interface S3Access {
  /** Such as `http://127.0.0.1:20080`. The bucket is in the path, not in the host. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** An empty bucket that only this server has. */
  readonly bucket: string;
}

export type S3Server = StoreServer & S3Access;

/** How to start an S3 program. */
export interface S3Program {
  readonly name: string;
  readonly program: string;
  /** Creates the folders that the program needs. */
  readonly prepare: (home: string) => Promise<unknown>;
  readonly options: (address: string, home: string) => readonly string[];
  readonly environment: (access: S3Access) => Readonly<Record<string, string>>;
  /** A path that answers without a signature. */
  readonly health: string;
}

export async function startS3Server(kind: S3Program): Promise<S3Server> {
  const address = `127.0.0.1:${await freePort()}`;
  const access = {
    endpoint: `http://${address}`,
    region: 'us-east-1',
    accessKey: 'longshore-test',
    secretKey: randomBytes(20).toString('hex'),
    bucket: `longshore-${randomBytes(6).toString('hex')}`,
  };
  const home = await makeHome(kind.name);
  await kind.prepare(home);
  const server = new ServerProcess({
    program: kind.program,
    options: kind.options(address, home),
    environment: kind.environment(access),
    log: `${home}/log`,
    ready: () => answers(`${access.endpoint}${kind.health}`),
  });
  return new StoreProcesses(home, [server]).start(async () => {
    await createBucket(access);
    return access;
  });
}

async function createBucket({ endpoint, region, accessKey, secretKey, bucket }: S3Access): Promise<void> {
  const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
}
