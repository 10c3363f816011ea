import { describeConformance } from '../../conformance/describe-conformance.ts';
import { runConformance } from '../../conformance/run-conformance.ts';
import { target } from '../../support/target.ts';

// A store does not know the digest of what it holds: the header Docker-Content-Digest is in the redirect, and not in the store's answer.
const switches = { OCI_API_BLOBS_DIGEST_HEADER: 'false' };

describeConformance(
  'version dev, with blobs from the store itself',
  await runConformance(target.origin, 'dev', { namespace: 'redirected', switches }),
);
