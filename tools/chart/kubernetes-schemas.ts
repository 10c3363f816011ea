import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { runToEnd } from '../results/run-to-end.ts';
import { isObject, type JsonObject, strictSchema } from './strict-schema.ts';

/** Objects of other projects that the chart can create, and the sources of their definitions. */
const customDefinitions = [
  {
    module: 'sigs.k8s.io/gateway-api@v1.6.1',
    file: 'config/crd/standard/gateway.networking.k8s.io_httproutes.yaml',
  },
  {
    module: 'sigs.k8s.io/gateway-api@v1.6.1',
    file: 'config/crd/standard/gateway.networking.k8s.io_backendtlspolicies.yaml',
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    file: 'example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml',
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    file: 'example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml',
  },
];

/** Returns the location of a folder's schemas for kubeconform. */
export const schemaLocation = (folder: string): string =>
  join(folder, '{{ .Group }}-{{ .ResourceAPIVersion }}-{{ .ResourceKind }}.json');

/**
 * Writes the schema of each kind in a version of Kubernetes, the Gateway API and the Prometheus operator into a folder. The schemas come from their
 * Go modules.
 */
export async function writeSchemas(folder: string, version: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const kubernetes = join(await moduleFolder(`k8s.io/kubernetes@${version}`), 'api/openapi-spec/v3');
  for (const file of readdirSync(kubernetes)) {
    if (!/^apis?__.*v\d+_openapi\.json$/.test(file)) continue;
    writeKinds(folder, readFileSync(join(kubernetes, file), 'utf8'));
  }
  for (const { module, file } of customDefinitions) {
    writeCustomKind(folder, readFileSync(join(await moduleFolder(module), file), 'utf8'));
  }
}

/** Downloads a Go module and verifies it with the checksum database. @throws Error with Go's message */
async function moduleFolder(module: string): Promise<string> {
  const { code, output } = await runToEnd('go', ['mod', 'download', '-json', module], {
    output: 'collect',
    // Ignores the module of the working directory.
    environment: { GOFLAGS: '-mod=mod', GO111MODULE: 'on' },
    folder: '/',
  });
  if (code !== 0) throw new Error(`go mod download ${module} failed:\n${output}`);
  const { Dir } = object(output.slice(output.indexOf('{')));
  if (typeof Dir !== 'string') throw new Error(`go mod download does not say where ${module} is`);
  return Dir;
}

function writeKinds(folder: string, openapi: string): void {
  const { components } = object(openapi);
  const schemas = isObject(components) && isObject(components['schemas']) ? components['schemas'] : {};
  const definitions = Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, isObject(schema) ? strictSchema(schema) : schema]),
  );
  for (const [name, schema] of Object.entries(schemas)) {
    const kinds = isObject(schema) ? schema['x-kubernetes-group-version-kind'] : undefined;
    const [kind, ...others] = Array.isArray(kinds) ? kinds : [];
    // A kind in many groups is not an object, such as DeleteOptions.
    if (!isObject(kind) || others.length > 0) continue;
    write(folder, kindOf(kind), { $ref: `#/definitions/${name}`, definitions });
  }
}

function writeCustomKind(folder: string, definition: string): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a CustomResourceDefinition holds
  const { spec } = parse(definition) as {
    spec: {
      group: string;
      names: { kind: string };
      versions: { name: string; schema: { openAPIV3Schema: JsonObject } }[];
    };
  };
  for (const { name, schema } of spec.versions) {
    const strict = strictSchema(schema.openAPIV3Schema);
    const properties = isObject(strict['properties']) ? strict['properties'] : {};
    // The API server knows the type of metadata; the definition omits it.
    const whole = { ...strict, properties: { ...properties, metadata: { type: 'object' } } };
    write(folder, { group: spec.group, version: name, kind: spec.names.kind }, whole);
  }
}

interface Kind {
  /** Empty for the core API of Kubernetes. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

function kindOf({ group, version, kind }: JsonObject): Kind {
  if (typeof group !== 'string' || typeof version !== 'string' || typeof kind !== 'string')
    throw new Error('OpenAPI names a kind without group, version and name');
  return { group, version, kind };
}

function write(folder: string, { group, version, kind }: Kind, schema: JsonObject): void {
  // For an object without a group, kubeconform names the version like this.
  const name = `${group === '' ? version : group}-${version}-${kind.toLowerCase()}.json`;
  writeFileSync(join(folder, name), JSON.stringify(schema));
}

function object(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a document of JSON, looked into with care
  return value as JsonObject;
}
