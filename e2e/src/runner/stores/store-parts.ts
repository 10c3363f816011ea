import type { Tests } from '../run-tests.ts';

export interface StorePart extends Tests {
  readonly programs?: readonly string[];
  /** Set if the result does not depend on the store: then one is enough. */
  readonly stores?: readonly string[];
}

/** The parts on each store, in order, on one registry. Unfinished uploads of the first parts expire while the others run. */
export const storeParts: readonly StorePart[] = [
  { name: 'faults', paths: ['src/stores/faults/'], timeoutMinutes: 8 },
  { name: 'chunks', paths: ['src/stores/chunks/'], timeoutMinutes: 5 },
  { name: 'conformance', paths: ['src/stores/conformance/'], timeoutMinutes: 4, programs: ['conformance'] },
  {
    name: 'docker',
    paths: ['src/clients/docker.e2e.ts', 'src/stores/redirects/'],
    timeoutMinutes: 4,
    programs: ['docker', 'dockerd'],
  },
  {
    name: 'redirected-conformance',
    paths: ['src/stores/redirected-conformance/'],
    timeoutMinutes: 4,
    programs: ['conformance'],
    stores: ['s3'],
  },
  { name: 'requests', paths: ['src/stores/requests/'], timeoutMinutes: 3 },
  { name: 'volume', paths: ['src/stores/volume/'], timeoutMinutes: 40 },
  { name: 'emptied', paths: ['src/stores/emptied/'], timeoutMinutes: 8 },
];
