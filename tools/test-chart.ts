import { runVitest } from './results/run-vitest.ts';

/** Tests the chart as Helm renders it. Needs helm, kubeconform and go (for Kubernetes's own schemas). Without them the tests fail. */
await runVitest(['chart'], process.argv.slice(2));
