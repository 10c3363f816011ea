import { mkdir } from 'node:fs/promises';
import { requireProgram } from '../process/find-program.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

const install = 'go install github.com/versity/versitygw/cmd/versitygw@v1.8.0';

/**
 * versitygw on a folder. What it does otherwise than S3: it cannot hold `a` and `a/b` at once; it answers 404 to an unknown access key; the
 * second Abort of an upload is 404; chunks of a signed stream, but for the last, must not be shorter than 8 KiB.
 */
export async function startVersitygw(): Promise<S3Server> {
  const program = await requireProgram('versitygw', install);
  return startS3Server({
    name: 'versitygw',
    program,
    prepare: async (home) => {
      await mkdir(`${home}/data`);
      await mkdir(`${home}/attributes`);
    },
    // Without --keep-alive: with it, v1.8.0 breaks one streaming PUT in fifty.
    options: (address, home) => {
      const service = ['--port', address, '--region', 'us-east-1', '--health', '/healthz'];
      // Attributes of ext4 would not hold what it notes of more than some thousand parts.
      return [...service, 'posix', '--sidecar', `${home}/attributes`, `${home}/data`];
    },
    environment: ({ accessKey, secretKey }) => ({ ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey }),
    health: '/healthz',
  });
}
