import { mkdir } from 'node:fs/promises';
import { requireProgram } from '../process/find-program.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

const install = 'go install github.com/minio/minio@latest';

/**
 * minio on one folder, with a key for SSE-S3. What it does otherwise than S3: it lists the unfinished uploads of an exact key only, and not
 * those of a prefix; the second Complete of an upload is 404.
 */
export async function startMinio(): Promise<S3Server> {
  const program = await requireProgram('minio', install);
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
      // No look-up of releases, and no console on a second port.
      MINIO_UPDATE: 'off',
      MINIO_BROWSER: 'off',
    }),
    health: '/minio/health/ready',
  });
}
