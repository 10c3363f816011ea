import { runVitest } from './results/run-vitest.ts';

/** The chart as Helm renders it: needs helm, kubeconform and go (for Kubernetes' own schemas). Without them the tests fail. */
await runVitest(['chart'], process.argv.slice(2));
