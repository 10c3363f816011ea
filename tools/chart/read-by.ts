import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Configuration, loadConfigurationWithWarnings, serviceDemands } from '@longshore/configuration';
import { afterAll, expect } from 'vitest';
import { serviceNames } from '../service-names.ts';
import { podOf, type PodTemplate, variablesOf } from './pods.ts';
import type { KubernetesObject } from './render-chart.ts';

const folder = mkdtempSync(join(tmpdir(), 'longshore-chart-'));
afterAll(() => rmSync(folder, { recursive: true }));

export type Service = (typeof serviceNames)[number];

export const secrets = '/run/secrets/longshore';
const contents: Readonly<Record<string, string>> = {
  REGISTRY_POSTGRES_URL_FILE: 'postgres://role:password@database/longshore',
  REGISTRY_NOTIFICATIONS_ENDPOINTS_0_HEADERS_FILE: '{ Authorization: [Bearer secret] }',
  REGISTRY_NOTIFICATIONS_ENDPOINTS_0_URL_FILE: 'https://ci.example/events',
};

/**
 * Loads the configuration that a service reads in its pod: the ConfigMap, its variables, and the files that they name, all of which exist. For tests
 * only.
 */
export function readBy(service: Service, objects: readonly KubernetesObject[]): Configuration {
  const map = objects.find(({ kind, data }) => kind === 'ConfigMap' && data['config.yml'] !== undefined);
  const pod = podOf(service, objects);
  const place = mkdtempSync(join(folder, `${service}-`));
  writeFileSync(join(place, 'config.yml'), map?.['data']['config.yml']);
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(variablesOf(pod.spec.containers[0]))) {
    environment[name] = value.replace(secrets, place).replace('/etc/longshore', place);
    if (!name.endsWith('_FILE')) continue;
    expect(mountsOf(pod), `${service} ${name}`).toContain(dirname(value));
    mkdirSync(dirname(environment[name]), { recursive: true });
    writeFileSync(environment[name], contents[name] ?? 'of-the-secret');
  }
  const { configuration, warnings } = loadConfigurationWithWarnings({
    environment,
    needs: serviceDemands[service].needs,
  });
  expect(warnings).toEqual([]);
  return configuration;
}

export function mountsOf(pod: PodTemplate): string[] {
  const volumes: { name: string }[] = pod.spec.volumes;
  const mounts: { name: string; mountPath: string }[] = pod.spec.containers[0].volumeMounts;
  return mounts
    .filter(({ name }) => volumes.some((volume) => volume.name === name))
    .map(({ mountPath }) => mountPath);
}
