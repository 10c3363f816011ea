import { describeScaling } from './support/describe-scaling.ts';
import { replicatedRelease } from './support/releases.ts';

describeScaling('blob-service on a shared volume', await replicatedRelease());
