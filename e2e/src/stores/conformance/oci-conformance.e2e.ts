import { describeConformance } from '../../conformance/describe-conformance.ts';
import { runConformance } from '../../conformance/run-conformance.ts';
import { target } from '../../support/target.ts';

describeConformance('version dev', await runConformance(target.origin, 'dev'));
