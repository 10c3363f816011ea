import { mkdir } from 'node:fs/promises';
import { requireProgram } from '../../programs.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

const install = 'go install github.com/minio/minio@latest';

/**
 * Starts minio on one folder, with a key for SSE-S3. It differs from S3: it lists the open uploads of an exact key only, not those of a prefix; a
 * second Complete of an upload is 404.
 */
export async function startMinio(): Promise<S3Server> {
  const program = requireProgram('minio', install);
  return startS3Server({
    name: 'minio',
    program,
    prepare: (home) => mkdir(`${home}/certs`),
    options: (address, home) => {
      const service = ['--quiet', '--certs-dir', `${home}/certs`, '--address', address];
      return ['server', ...service, `${home}/data`];
    },
    environment: ({ accessKey, secretKey, region }) => ({
      MINIO_ROOT_USER: accessKey,
      MINIO_ROOT_PASSWORD: secretKey,
      MINIO_REGION: region,
      MINIO_KMS_SECRET_KEY: `longshore:${Buffer.alloc(32, 1).toString('base64')}`,
      // Do not check for releases, and serve no console on a second port.
      MINIO_UPDATE: 'off',
      MINIO_BROWSER: 'off',
    }),
    health: '/minio/health/ready',
  });
}
