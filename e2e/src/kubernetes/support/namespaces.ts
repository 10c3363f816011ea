import { afterAll } from 'vitest';
import { deleteNamespaces, testLabel } from '../../runner/kubernetes/cluster.ts';
import { kubectl } from './kubectl.ts';

/** Creates a namespace for the tests, in which PodSecurity enforces `restricted`. Uses an existing one unchanged. */
export async function restrictedNamespace(topic: string): Promise<string> {
  const name = `longshore-e2e-${topic}`;
  const [label, value] = testLabel.split('=');
  const phase = await kubectl([
    'get',
    'namespace',
    name,
    '--ignore-not-found',
    '--output=jsonpath={.status.phase}',
  ]);
  // A terminating namespace of an earlier part accepts nothing new.
  if (phase === 'Terminating')
    await kubectl(['wait', '--for=delete', `namespace/${name}`, '--timeout=240s'], { timeoutMs: 250_000 });
  await kubectl(['apply', '--filename', '-'], {
    input: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name,
        labels: {
          [label ?? '']: value,
          'pod-security.kubernetes.io/enforce': 'restricted',
          'pod-security.kubernetes.io/enforce-version': 'latest',
        },
      },
    }),
  });
  return name;
}

/** Creates a namespace that is deleted after the file's last test. */
export async function passingNamespace(topic: string): Promise<string> {
  const name = await restrictedNamespace(topic);
  afterAll(() => deleteNamespaces([name]), 600_000);
  return name;
}
