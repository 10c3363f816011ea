import type { KubernetesObject } from './render-chart.ts';
import type { PodTemplate } from './pods.ts';

/** `blob-service → postgres TCP 5432`. A party outside the release is written as its peers in JSON, or `anybody` if there are none. */
export type Edge = string;

/** Connections that the NetworkPolicies allow, checked at both ends. */
export interface Reach {
  readonly outgoing: ReadonlySet<Edge>;
  readonly incoming: ReadonlySet<Edge>;
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports: readonly { readonly port: number; readonly protocol: string }[];
}

interface Peer {
  readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly namespaceSelector?: unknown;
}

export function policiesOf(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return objects.filter(({ kind }) => kind === 'NetworkPolicy');
}

/** Returns the policies that select a pod. */
export function policiesFor(
  pod: PodTemplate,
  objects: readonly KubernetesObject[],
): readonly KubernetesObject[] {
  return policiesOf(objects).filter(({ spec }) => selects(spec.podSelector.matchLabels, pod));
}

export function reachOf(pods: readonly PodTemplate[], objects: readonly KubernetesObject[]): Reach {
  const sides = policiesOf(objects).map(({ spec }) => {
    const [own = 'nobody'] = componentsOf(spec.podSelector, pods);
    const egress: readonly Rule[] = spec.egress;
    const ingress: readonly Rule[] = spec.ingress;
    return {
      outgoing: egress.flatMap((rule) =>
        farEnds(rule, rule.to, pods).map(([end, port]) => `${own} → ${end} ${port}`),
      ),
      incoming: ingress.flatMap((rule) =>
        farEnds(rule, rule.from, pods).map(([end, port]) => `${end} → ${own} ${port}`),
      ),
    };
  });
  return {
    outgoing: new Set(sides.flatMap(({ outgoing }) => outgoing)),
    incoming: new Set(sides.flatMap(({ incoming }) => incoming)),
  };
}

function farEnds(
  { ports }: Rule,
  peers: readonly Peer[] | undefined,
  pods: readonly PodTemplate[],
): (readonly [end: string, port: string])[] {
  return endsOf(peers, pods).flatMap((end) =>
    ports.map(({ port, protocol }) => [end, `${protocol} ${port}`] as const),
  );
}

function endsOf(peers: readonly Peer[] | undefined, pods: readonly PodTemplate[]): string[] {
  if (peers === undefined) return ['anybody'];
  return peers.flatMap((peer) =>
    peer.podSelector !== undefined && peer.namespaceSelector === undefined
      ? componentsOf(peer.podSelector, pods)
      : [JSON.stringify(peer)],
  );
}

function componentsOf(
  { matchLabels }: { readonly matchLabels: Readonly<Record<string, string>> },
  pods: readonly PodTemplate[],
): string[] {
  const found = pods.filter((pod) => selects(matchLabels, pod));
  return found.map(({ labels }) => labels['app.kubernetes.io/component'] ?? 'a pod of no component');
}

function selects(wanted: Readonly<Record<string, string>>, { labels }: PodTemplate): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}
