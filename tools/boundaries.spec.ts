import { readFileSync } from 'node:fs';
import { createProjectGraphAsync } from 'nx/src/devkit-exports.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { layersOf, type ProjectGraph, violations } from './boundaries.ts';

describe('the project graph', () => {
  let graph: ProjectGraph;

  beforeAll(async () => {
    // Runs without Nx's daemon, so that the check leaves no process behind and sees the current files.
    process.env['NX_DAEMON'] = 'false';
    graph = await createProjectGraphAsync({ exitOnError: false });
  }, 60_000);

  it('has a known edge, so that an empty graph fails', () => {
    expect(graph.dependencies['@longshore/blob-service']).toContainEqual(
      expect.objectContaining({ target: '@longshore/storage' }),
    );
    expect(graph.dependencies['@longshore/blob-service']).toContainEqual(
      expect.objectContaining({ target: 'npm:@nestjs/common' }),
    );
  });

  it('respects the layers in every import', () => {
    expect(violations(graph)).toEqual([]);
  });

  it('has the libraries in the layers that ARCHITECTURE.md says', () => {
    expect(layersIn(readFileSync('ARCHITECTURE.md', 'utf8'))).toEqual(layersOf(graph));
  });
});

/** Reads the sentence that begins with "Layers point inward": `layer (`library`, …) ← …`. */
function layersIn(page: string): Record<string, string[]> {
  const sentence = /Layers point inward.*?\n\n/s.exec(page)?.[0] ?? '';
  return Object.fromEntries(
    [...sentence.matchAll(/(\w+?)s? \((`[^)]*`)\)/g)].map(([, layer = '', names = '']) => [
      layer,
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name).toSorted(),
    ]),
  );
}

const project = (layer: string) =>
  layer === 'app' ? { data: { root: 'apps/one' } } : { data: { root: 'libs/one', tags: [`layer:${layer}`] } };

const of = (from: string, to: string, target = 'target') =>
  violations({
    nodes: { source: project(from), target: project(to) },
    dependencies: { source: [{ target }] },
  });

describe('violations', () => {
  it('names an import that points outward', () => {
    expect(of('domain', 'adapter')).toEqual(['source (domain) must not import target (adapter)']);
    expect(of('adapter', 'adapter')).toHaveLength(1);
    expect(of('platform', 'app')).toHaveLength(1);
    expect(of('testing', 'adapter')).toHaveLength(1);
    expect(of('app', 'app')).toHaveLength(1);
  });

  it('lets an import point inward', () => {
    expect([
      ...of('domain', 'domain'),
      ...of('adapter', 'platform'),
      ...of('app', 'adapter'),
      ...of('testing', 'domain'),
    ]).toEqual([]);
  });

  it('lets the standalone app import the services', () => {
    const nodes = { '@longshore/standalone': project('app'), target: project('app') };
    expect(violations({ nodes, dependencies: { '@longshore/standalone': [{ target: 'target' }] } })).toEqual(
      [],
    );
  });

  it('names a framework in the domain, whatever its version', () => {
    expect(of('domain', 'domain', 'npm:@nestjs/common@12.5.0')).toEqual([
      'source (domain) must not import the package @nestjs/common',
    ]);
  });

  it('names a library without a layer', () => {
    expect(violations({ nodes: { stray: { data: { root: 'libs/stray' } } }, dependencies: {} })).toEqual([
      'stray has no layer tag',
    ]);
  });
});
