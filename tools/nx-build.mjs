import { dirname } from 'node:path';

/** Nx's plug-in of this workspace: what has a tsconfig.json below the root is built by `tsc -b`, once, until a source of it or of what it uses changes. */
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
