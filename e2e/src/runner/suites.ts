import { accessRules, databaseAccounts } from './access-rules.ts';
import {
  basicAuth,
  behindProxy,
  managed,
  observed,
  sparse,
  storage,
  tokenAuth,
  userInterface,
  verifiedPulls,
  webhook,
} from './configurations.ts';
import { identityProviders } from './identity-providers.ts';
import type { Configuration, Form } from './registry.ts';

export interface Suite {
  /** The folder below src that holds its *.e2e.ts files. */
  readonly name: string;
  readonly forms: readonly (Form | 'compose')[];
  readonly timeoutMinutes: number;
  /** Programs that the suite runs. A missing one fails the suite: nothing is skipped silently. */
  readonly programs?: readonly string[];
  readonly configuration?: Configuration;
  readonly environment?: Readonly<Record<string, string>>;
  /** The folder of tests that look at what the suite has left behind, on the same registry. */
  readonly afterwards?: string;
  /** The suite starts its registries itself. */
  readonly bare?: true;
}

const both: readonly Form[] = ['standalone', 'cluster'];
const clients = [
  'docker',
  'dockerd',
  'podman',
  'skopeo',
  'buildah',
  'crane',
  'oras',
  'regctl',
  'helm',
  'cosign',
];

export const suites: readonly Suite[] = [
  {
    name: 'conformance',
    forms: both,
    timeoutMinutes: 6,
    programs: ['conformance', 'conformance-v1.1'],
    configuration: sparse,
  },
  { name: 'behaviour', forms: both, timeoutMinutes: 8, configuration: observed, afterwards: 'series' },
  { name: 'abuse', forms: both, timeoutMinutes: 10 },
  { name: 'clients', forms: both, timeoutMinutes: 8, programs: clients },
  {
    name: 'access-basic',
    forms: both,
    timeoutMinutes: 4,
    programs: ['docker', 'dockerd', 'conformance-v1.1'],
    configuration: basicAuth,
  },
  {
    name: 'access-token',
    forms: both,
    timeoutMinutes: 5,
    programs: [...clients, 'conformance-v1.1'],
    configuration: tokenAuth,
  },
  {
    name: 'access-rules',
    forms: both,
    timeoutMinutes: 6,
    programs: ['docker', 'dockerd', 'crane', 'skopeo'],
    configuration: accessRules,
  },
  {
    name: 'login',
    forms: ['cluster'],
    timeoutMinutes: 8,
    programs: ['chromium-headless-shell', 'docker', 'dockerd'],
    configuration: identityProviders,
  },
  {
    name: 'accounts',
    forms: ['standalone'],
    timeoutMinutes: 7,
    programs: ['docker', 'dockerd', 'crane'],
    configuration: databaseAccounts,
  },
  {
    name: 'access-certificates',
    forms: ['standalone'],
    timeoutMinutes: 5,
    programs: ['openssl'],
    bare: true,
  },
  { name: 'access-read-only', forms: ['standalone'], timeoutMinutes: 4, bare: true },
  { name: 'keys', forms: ['cluster'], timeoutMinutes: 6, configuration: tokenAuth },
  { name: 'management', forms: both, timeoutMinutes: 8, programs: ['python3'], configuration: managed },
  {
    name: 'proxies',
    forms: ['standalone'],
    timeoutMinutes: 4,
    programs: ['nginx', 'caddy', 'haproxy', 'traefik', 'curl', 'openssl', 'crane', 'ch-image'],
    configuration: behindProxy,
  },
  { name: 'notifications', forms: both, timeoutMinutes: 4, configuration: webhook },
  {
    name: 'browser',
    forms: ['standalone'],
    timeoutMinutes: 4,
    programs: ['chromium-headless-shell'],
    configuration: userInterface,
  },
  { name: 'command-line', forms: ['standalone'], timeoutMinutes: 3, configuration: webhook },
  { name: 'notifier-killed', forms: ['cluster'], timeoutMinutes: 6, configuration: webhook },
  {
    name: 'collection',
    forms: both,
    timeoutMinutes: 5,
    configuration: storage,
    environment: { REGISTRY_GC_GRACE: '2s', REGISTRY_GC_INTERVAL: '500ms', REGISTRY_GC_TRASHDELAY: '2s' },
  },
  {
    name: 'collection-untagged',
    forms: both,
    timeoutMinutes: 5,
    configuration: storage,
    environment: {
      REGISTRY_GC_GRACE: '2s',
      REGISTRY_GC_INTERVAL: '500ms',
      REGISTRY_GC_TRASHDELAY: '2s',
      REGISTRY_GC_UNTAGGED_ENABLED: 'true',
      REGISTRY_GC_UNTAGGED_AGE: '6s',
    },
  },
  { name: 'damage', forms: both, timeoutMinutes: 5, configuration: verifiedPulls },
  { name: 'traces', forms: both, timeoutMinutes: 8, bare: true },
  { name: 'big-blob', forms: both, timeoutMinutes: 12 },
  { name: 'bus', forms: ['cluster'], timeoutMinutes: 4, programs: ['setpriv', 'bash'] },
  { name: 'scale-out', forms: ['cluster'], timeoutMinutes: 12 },
  { name: 'lifecycle', forms: both, timeoutMinutes: 12, bare: true },
  { name: 'sick-store', forms: ['standalone'], timeoutMinutes: 5, programs: ['mount', 'umount'], bare: true },
  {
    name: 'compose',
    forms: ['compose'],
    timeoutMinutes: 45,
    programs: [
      'dockerd',
      'docker',
      'buildah',
      'conformance',
      'crane',
      'oras',
      'cosign',
      'helm',
      'versitygw',
      'apt-get',
      'dpkg-deb',
    ],
    bare: true,
  },
];
