import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspace } from '../../runner/workspace.ts';
import { type Release, rendered, type Wanted } from './helm.ts';

/** One edge in the chart's table of connections. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly ports: readonly number[];
}

// Helm wants an object.
const template = `apiVersion: v1
kind: ConfigMap
metadata: { name: edges-of-the-test }
data:
  edges: {{ include "longshore.edges" . | fromYamlArray | toJson | b64enc }}
`;

/** Reads the table from the chart's template for these values, not from the policies that it produces. */
export async function edgesOf(release: Release, wanted: Wanted): Promise<readonly Edge[]> {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-chart-'));
  try {
    const chart = join(folder, 'longshore');
    await cp(join(workspace, 'charts/longshore'), chart, { recursive: true });
    await writeFile(join(chart, 'templates/edges-of-the-test.yaml'), template);
    const encoded = /^ {2}edges: (\S+)$/m.exec(await rendered(release, { ...wanted, chart }))?.[1];
    if (encoded === undefined) throw new Error('the chart has no table of edges');
    const edges: readonly Edge[] = JSON.parse(Buffer.from(encoded, 'base64').toString());
    return edges;
  } finally {
    await rm(folder, { recursive: true });
  }
}
