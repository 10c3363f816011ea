import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BusService, busServices } from '@longshore/messaging';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { serviceNames } from '../service-names.ts';
import { busPasswords, busSecret, secretNames, servicesSecret } from './names.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
interface Service {
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: readonly { readonly path: string }[];
  readonly secrets?: readonly (string | { readonly source: string; readonly target: string })[];
}
const {
  services,
  secrets,
}: {
  services: Readonly<Record<string, Service>>;
  secrets: Readonly<Record<string, { readonly file: string }>>;
} = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true });

const database = 'postgres-password';
const store = ['s3-secret-key', 'azure-account-key'];
const isOnBus = (service: string): service is BusService => busServices.some((name) => name === service);
const bus = (service: string): string[] => (isOnBus(service) ? [busSecret(service)] : []);

/** The secrets that each service needs. */
const needed: Readonly<Record<string, readonly string[]>> = {
  'api-gateway': [...bus('api-gateway'), servicesSecret],
  'blob-service': [...bus('blob-service'), servicesSecret, database, ...store],
  'manifest-service': [...bus('manifest-service'), database],
  'auth-service': [...bus('auth-service'), servicesSecret, database, 'http-secret'],
  notifier: [...bus('notifier'), database],
  'garbage-collector': [database, ...store],
  migrate: [database],
  cli: [database],
  backup: [database],
  restore: [database],
  postgres: [database],
  nats: ['nats-passwords'],
  versitygw: ['s3-secret-key'],
  azurite: ['azure-account-key'],
  'azure-container': ['azure-account-key'],
};

const sourcesOf = ({ secrets: mounted = [] }: Service): string[] =>
  mounted.map((secret) => (typeof secret === 'string' ? secret : secret.source));

/** Returns the paths at which a service finds its secrets. */
const placesOf = ({ secrets: mounted = [] }: Service): string[] =>
  mounted.map((secret) => {
    const place = typeof secret === 'string' ? secret : secret.target;
    return place.startsWith('/') ? place : `/run/secrets/${place}`;
  });

describe('docker-compose.yml', () => {
  it.each(Object.keys(services))('gives %s the secrets that it needs and no other', (name) => {
    expect(sourcesOf(services[name] ?? {}).toSorted()).toEqual([...(needed[name] ?? [])].toSorted());
  });

  it.each(Object.keys(services))('names no file to %s that it does not have', (name) => {
    const { environment = {}, env_file: files = [], profiles = ['s3', 'azure'] } = services[name] ?? {};
    const inFiles = files.flatMap(({ path }) =>
      profiles.map((profile) => join(root, path.replace(/\$\{[^}]*\}/, profile))),
    );
    const text = inFiles.map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')).join('\n');
    const named = [...Object.values(environment), ...text.split('\n')].flatMap(
      (line) => /\/run\/secrets\/\S+/.exec(line) ?? [],
    );
    for (const path of named) expect(placesOf(services[name] ?? {})).toContain(path);
  });

  it('has a file of npm run secrets for each secret', () => {
    const files = Object.values(secrets).map(({ file }) => file.slice(file.lastIndexOf('/') + 1));
    expect(files.toSorted()).toEqual([...secretNames.compose, busPasswords].toSorted());
  });

  it('runs every service', () => {
    expect(Object.keys(services)).toEqual(expect.arrayContaining([...serviceNames]));
  });
});
