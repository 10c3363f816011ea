function setting(name: string, otherwise: string): string {
  const value = process.env[name];
  return value === undefined || value === '' ? otherwise : value;
}

/** What depends on the cluster, and how much is asked of it. The defaults are for the node of tools/kubernetes-node. */
export const settings = {
  imageRegistry: setting('E2E_IMAGE_REGISTRY', ''),
  imageTag: setting('E2E_IMAGE_TAG', 'dev'),
  /** What reads them as an archive and gives them to the nodes. */
  loadCommand: setting('E2E_LOAD_IMAGES', ''),
  /** Where `npm run images -- --layout` has put them; in Docker unless told. */
  imageLayout: setting('E2E_IMAGE_LAYOUT', ''),
  /** Where NodePorts answer; the first node's own address unless told. */
  nodeAddress: setting('E2E_NODE_ADDRESS', ''),
  /** Where the cluster's own containers' runtime reaches a NodePort without TLS. */
  pullAddress: setting('E2E_PULL_ADDRESS', 'localhost'),
  ingressClass: setting('E2E_INGRESS_CLASS', 'traefik'),
  ingressPort: setting('E2E_INGRESS_PORT', '31080'),
  gateway: setting('E2E_GATEWAY', 'traefik/traefik'),
  pushes: Number(setting('E2E_SCALE_PUSHES', '8')),
  pushBytes: Number(setting('E2E_SCALE_BYTES', String(50 * 1024 * 1024))),
  disruptionSeconds: Number(setting('E2E_DISRUPTION_SECONDS', '45')),
} as const;
