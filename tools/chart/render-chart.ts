import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, stringify } from 'yaml';
import { runToEnd } from '../results/run-to-end.ts';

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const chart = join(repository, 'charts/longshore');

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into objects of every kind; what is not there is undefined and fails them
  readonly [field: string]: any;
}

/** Values in the form that a user writes. */
export interface Values {
  readonly [key: string]: unknown;
}

/** All values that the chart requires from outside. */
export const outside: Values = {
  servicesSecret: { existingSecret: 'longshore-services' },
  postgres: { host: 'postgres.example', existingSecret: 'longshore-postgres' },
  nats: { servers: ['nats://nats.example:4222'] },
  storage: { driver: 's3', existingSecret: 'longshore-s3', s3: { bucket: 'registry', region: 'here' } },
};

/** Kubernetes version for rendering: Helm's own default is as old as the library that it was built with. */
const kubeVersion = '1.34.0';

/** Returns Helm's output for the values, or its error. `source` is the folder of the chart. */
export async function template(
  values: Values,
  options: readonly string[] = [],
  source = chart,
): Promise<{ readonly refusal: string } | { readonly manifest: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-chart-'));
  try {
    const file = join(folder, 'values.yaml');
    writeFileSync(file, stringify(values, { version: '1.1' }));
    const name = options.includes('--name-template') ? [] : ['longshore'];
    const words = ['template', ...name, source, '--namespace', 'registry', '--values', file, ...options];
    if (!options.includes('--kube-version')) words.push('--kube-version', kubeVersion);
    const { code, output } = await runToEnd('helm', words, { output: 'collect' });
    return code === 0 ? { manifest: output } : { refusal: output };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Returns the objects that the chart renders from the values over `outside`. @throws Error with Helm's message */
export async function render(
  values: Values = {},
  options: readonly string[] = [],
): Promise<readonly KubernetesObject[]> {
  return renderAlone(merge(outside, values), options);
}

/** Does the same as `render`, with only the given values. */
export async function renderAlone(
  values: Values,
  options: readonly string[] = [],
): Promise<readonly KubernetesObject[]> {
  const result = await template(values, options);
  if ('refusal' in result) throw new Error(result.refusal);
  return objectsOf(result.manifest);
}

function objectsOf(manifest: string): readonly KubernetesObject[] {
  return parseAllDocuments(manifest).flatMap((document) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- kubeconform checks what they are
    const object = document.toJSON() as KubernetesObject | null;
    return object === null ? [] : [object];
  });
}

/** Returns the object of a kind with a name. @throws Error if there is none */
export function find(objects: readonly KubernetesObject[], kind: string, name: string): KubernetesObject {
  const found = objects.filter((object) => object.kind === kind && object.metadata.name === name);
  const [object] = found;
  if (object === undefined || found.length > 1)
    throw new Error(`${found.length} objects are ${kind} ${name}`);
  return object;
}

export const named = (objects: readonly KubernetesObject[], kind: string): string[] =>
  objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);

/** Merges maps, as Helm does. */
export function merge(below: Values, above: Values): Values {
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const known = merged[key];
    merged[key] = isValues(known) && isValues(value) ? merge(known, value) : value;
  }
  return merged;
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
