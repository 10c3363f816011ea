import type { KubernetesObject } from './render-chart.ts';

/** The pod of a workload of any kind. */
export interface PodTemplate {
  /** `Deployment longshore-blob-service`. */
  readonly owner: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: KubernetesObject['spec'];
}

export function podsOf(objects: readonly KubernetesObject[]): readonly PodTemplate[] {
  return objects.flatMap((object) => {
    const template =
      object.kind === 'Pod'
        ? object
        : ['Deployment', 'StatefulSet', 'Job', 'DaemonSet'].includes(object.kind)
          ? object['spec'].template
          : undefined;
    if (template === undefined) return [];
    const { metadata, spec } = template;
    return [
      {
        owner: `${object.kind} ${object.metadata.name}`,
        labels: metadata.labels,
        annotations: metadata.annotations ?? {},
        spec,
      },
    ];
  });
}

/** Returns the pod of a component. @throws Error if there is none */
export function podOf(component: string, objects: readonly KubernetesObject[]): PodTemplate {
  const pod = podsOf(objects).find(({ labels }) => labels['app.kubernetes.io/component'] === component);
  if (pod === undefined) throw new Error(`there is no pod of ${component}`);
  return pod;
}

/** Returns init containers and containers. */
export function containersOf({ spec }: PodTemplate): readonly KubernetesObject['spec'][] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

/** Returns the variables of a container that have a literal value. */
export function variablesOf(container: KubernetesObject['spec']): Readonly<Record<string, string>> {
  const entries: { name: string; value?: string }[] = container.env ?? [];
  return Object.fromEntries(
    entries.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
}
