import { earlierChart } from './support/charts.ts';
import { describeUpgrade } from './support/describe-upgrade.ts';
import { upgrade } from './support/helm.ts';
import {
  bringCredentials,
  describeRelease,
  ensureBacking,
  onBacking,
  replicated,
} from './support/releases.ts';

await ensureBacking();
const earlier = await earlierChart();
const release = await describeRelease('replicated');
await bringCredentials(release.namespace);
const values = [...replicated, onBacking()];
await upgrade(release, { values, chart: earlier.folder });

describeUpgrade(
  `two replicas of each service, of the chart of ${earlier.commit.slice(0, 12)}`,
  release,
  values,
);
