import { defaulting, integer, section, word } from '@longshore/fields';
import type { z } from 'zod';

/** The parameters of distribution's filesystem driver, with its defaults. */
export const filesystemFields = section('Files below one directory.', {
  rootdirectory: defaulting(word('Directory of the objects, or prefix of their keys.'), '/var/lib/registry'),
  maxthreads: defaulting(
    integer('Accepted and without effect: UV_THREADPOOL_SIZE bounds operations on files.', { minimum: 25 }),
    '100',
  ),
});

export type FilesystemParameters = z.output<typeof filesystemFields>;
