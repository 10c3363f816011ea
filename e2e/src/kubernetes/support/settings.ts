function setting(name: string, otherwise: string): string {
  const value = process.env[name];
  return value === undefined || value === '' ? otherwise : value;
}

/** Settings that depend on the cluster, and the load on it. The defaults are for the node of tools/kubernetes-node. */
export const settings = {
  imageRegistry: setting('E2E_IMAGE_REGISTRY', ''),
  imageTag: setting('E2E_IMAGE_TAG', 'dev'),
  /** Command that reads the images as an archive and loads them into the nodes. */
  loadCommand: setting('E2E_LOAD_IMAGES', ''),
  /** Folder of the images from `npm run images -- --layout`. Default: they are in Docker. */
  imageLayout: setting('E2E_IMAGE_LAYOUT', ''),
  /** Address of NodePorts. Default: the first node's address. */
  nodeAddress: setting('E2E_NODE_ADDRESS', ''),
  /** Address at which the container runtime of the cluster reaches a NodePort without TLS. */
  pullAddress: setting('E2E_PULL_ADDRESS', 'localhost'),
  ingressClass: setting('E2E_INGRESS_CLASS', 'traefik'),
  ingressPort: setting('E2E_INGRESS_PORT', '31080'),
  gateway: setting('E2E_GATEWAY', 'traefik/traefik'),
  pushes: Number(setting('E2E_SCALE_PUSHES', '8')),
  pushBytes: Number(setting('E2E_SCALE_BYTES', String(50 * 1024 * 1024))),
  disruptionSeconds: Number(setting('E2E_DISRUPTION_SECONDS', '45')),
} as const;
