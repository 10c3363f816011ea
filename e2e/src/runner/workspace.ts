import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the clone, both from the sources and from dist. */
export const workspace = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
