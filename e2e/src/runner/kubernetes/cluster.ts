import { attempt, run } from '../../support/command.ts';
import { requirePrograms } from '../programs.ts';

/** Label of every namespace that the tests create. */
export const testLabel = 'longshore-e2e=true';

/** @throws Error with a sentence for the user if there is no Kubernetes to test on */
export async function requireCluster(): Promise<void> {
  requirePrograms(['kubectl', 'helm']);
  const { code, stderr } = await attempt('kubectl', ['get', '--raw', '/readyz', '--request-timeout=15s']);
  if (code === 0) return;
  const place = process.env['KUBECONFIG'] ?? '~/.kube/config';
  throw new Error(
    `There is no Kubernetes to test on: kubectl, with ${place}, says: ${stderr.trim().split('\n').at(-1) ?? ''}
Set KUBECONFIG to one's, or bring up a node of your own with tools/kubernetes-node/up.sh.`,
  );
}

/** Deletes the namespaces of an earlier run and of this one. */
export async function clearCluster(): Promise<void> {
  const listed = await run('kubectl', ['get', 'namespaces', '--selector', testLabel, '--output=name']);
  await deleteNamespaces(listed.split('\n').flatMap((line) => line.split('/')[1] ?? []));
}

/**
 * Deletes namespaces with everything in them, pods first. Kubernetes checks a namespace with pods again only after half of their termination period,
 * and ours may take minutes, although they do not.
 */
export async function deleteNamespaces(names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  await Promise.all(
    names.map(async (name) => {
      await deleteWhole(
        'deployments,statefulsets,jobs',
        '--all',
        '--cascade=foreground',
        `--namespace=${name}`,
      );
      await deleteWhole('pods', '--all', `--namespace=${name}`);
    }),
  );
  await deleteWhole('namespaces', ...names);
}

async function deleteWhole(...words: readonly string[]): Promise<void> {
  await run('kubectl', ['delete', ...words, '--ignore-not-found', '--timeout=180s'], { timeoutMs: 200_000 });
}
