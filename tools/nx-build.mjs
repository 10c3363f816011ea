import { dirname } from 'node:path';

/**
 * Nx's plug-in for this workspace: `tsc -b` builds each project with a tsconfig.json below the root, and again only after a change in its sources or
 * dependencies.
 */
export const createNodesV2 = [
  '{apps/*,libs/*,e2e}/tsconfig.json',
  (files) =>
    files.map((file) => [
      file,
      { projects: { [dirname(file)]: { targets: { build: buildOf(dirname(file)) } } } },
    ]),
];

function buildOf(root) {
  return {
    command: `tsc -b ${root}`,
    cache: true,
    inputs: ['default', '^default', '{workspaceRoot}/tsconfig.base.json'],
    outputs: ['{projectRoot}/dist'],
    dependsOn: ['^build'],
  };
}
