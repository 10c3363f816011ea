import { target } from '../support/target.ts';
import { describeGinkgoConformance } from './describe-ginkgo-conformance.ts';

await describeGinkgoConformance(target.origin);
