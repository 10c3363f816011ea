import { mkdir } from 'node:fs/promises';
import { requireProgram } from '../../programs.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

const install = 'go install github.com/versity/versitygw/cmd/versitygw@v1.8.0';

/**
 * Starts versitygw on a folder. It differs from S3: it cannot store both `a` and `a/b`; it answers 404 to an unknown access key; a second Abort of an
 * upload is 404; chunks of a signed stream, except the last, must have at least 8 KiB.
 */
export async function startVersitygw(): Promise<S3Server> {
  const program = requireProgram('versitygw', install);
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
      // Attributes of ext4 cannot hold its metadata of more than a few thousand parts.
      return [...service, 'posix', '--sidecar', `${home}/attributes`, `${home}/data`];
    },
    environment: ({ accessKey, secretKey }) => ({ ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey }),
    health: '/healthz',
  });
}
