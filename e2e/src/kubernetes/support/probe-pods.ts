import { settings } from './settings.ts';

/** Settings that PodSecurity `restricted` requires. */
export const podSecurity = {
  pod: {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
  },
  container: { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } },
} as const;

export function imageOf(service: string): string {
  return `${settings.imageRegistry === '' ? '' : `${settings.imageRegistry}/`}longshore/${service}:${settings.imageTag}`;
}

/**
 * A pod that opens connections on command, with the labels of the component that it replaces. It is never ready, so that no Service sends it requests
 * that it cannot answer.
 */
export function probePod(name: string, labels: Readonly<Record<string, string>>): object {
  const node = '/usr/local/bin/node';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: {
      ...podSecurity.pod,
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'probe',
          image: imageOf('cli'),
          command: [node, '--eval', 'setInterval(() => undefined, 60_000)'],
          readinessProbe: { exec: { command: [node, '--eval', 'process.exit(1)'] }, periodSeconds: 600 },
          resources: { requests: { cpu: '5m', memory: '32Mi' } },
          ...podSecurity.container,
        },
      ],
    },
  };
}
