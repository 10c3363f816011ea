import { clearCluster, requireCluster } from './runner/kubernetes/cluster.ts';
import { loadImages } from './runner/kubernetes/load-images.ts';
import { parsePartOptions } from './runner/kubernetes/part-options.ts';
import { runPart } from './runner/kubernetes/run-part.ts';
import { parsed, Summary } from './runner/summary.ts';

const parts = parsed(parsePartOptions);
try {
  await requireCluster();
  await clearCluster();
  await loadImages();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
const summary = new Summary();
for (const part of parts) summary.add(`kubernetes ${part.name}`, await runPart(part));
process.exitCode = summary.close();
if (process.env['E2E_KEEP'] === undefined) await clearCluster();
