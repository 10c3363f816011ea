import { settings } from './settings.ts';

/** What PodSecurity `restricted` asks for. */
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
 * A pod that waits to be told what to connect to, with the labels of whom it stands for. It is never ready, so that no Service sends to it
 * what it could not answer.
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
