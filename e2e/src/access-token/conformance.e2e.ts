import { describeGinkgoConformance } from '../conformance/describe-ginkgo-conformance.ts';
import { alice } from '../support/credentials.ts';
import { target } from '../support/target.ts';

await describeGinkgoConformance(target.origin, alice);
