import { target } from '../support/target.ts';
import { describeConformance } from './describe-conformance.ts';
import { runConformance } from './run-conformance.ts';

// Enables every switch.
for (const version of ['1.1', 'dev'])
  describeConformance(`version ${version}`, await runConformance(target.origin, version));
