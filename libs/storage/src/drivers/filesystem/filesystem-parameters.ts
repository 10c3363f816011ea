import { z } from 'zod';

/** The parameters of distribution's filesystem driver, with its defaults. */
export const filesystemParameters = z.strictObject({
  rootdirectory: z.string().min(1).default('/var/lib/registry'),
  maxthreads: z.coerce
    .number()
    .int()
    .positive()
    .default(100)
    .describe('Accepted: how many files are worked on at once is bounded by UV_THREADPOOL_SIZE.'),
});

export type FilesystemParameters = z.input<typeof filesystemParameters>;
