import type { Tests } from '../run-tests.ts';

export interface StorePart extends Tests {
  readonly programs?: readonly string[];
}

/** What is tested on each store, in this order, on one registry. */
export const storeParts: readonly StorePart[] = [
  {
    name: 'conformance',
    paths: ['src/stores/conformance/'],
    timeoutMinutes: 4,
    programs: ['conformance'],
  },
  {
    name: 'docker',
    paths: ['src/clients/docker.e2e.ts'],
    timeoutMinutes: 4,
    programs: ['docker', 'dockerd'],
  },
];
