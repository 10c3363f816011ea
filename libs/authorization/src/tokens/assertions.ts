import type { Identity } from '../identity.ts';
import type { WorkloadRules } from '../workloads/workload-rules.ts';
import { type AcceptedClaims, type ClaimRules, credentialOf, expiryOf, factsOf } from './claims.ts';

/**
 * Checks the claims of an identity provider's token whose signature was verified. Its audience must be ours alone: whoever receives a token for several
 * audiences could use it at each of them (CVE-2026-44428). @returns the reason of the refusal, or the claims
 */
export function acceptAssertion(
  claims: Readonly<Record<string, unknown>>,
  { issuer, audience, now }: Omit<ClaimRules, 'own'>,
  rules: WorkloadRules,
): AcceptedClaims | string {
  const { iss, aud } = claims;
  if (iss !== issuer) return 'another issuer';
  const [only, ...others] = Array.isArray(aud) ? aud : [aud];
  if (only !== audience || others.length > 0) return 'another audience';
  const expiresAt = expiryOf(claims, now);
  if (typeof expiresAt === 'string') return expiresAt;
  const workload = rules.workload(claims);
  if (workload === undefined) return 'no rule admits its claims';
  const credential = credentialOf(claims, {}, 'assertion');
  const identity: Identity = { kind: 'workload', ...workload, claims, credential };
  return { identity, facts: factsOf(identity, {}), expiresAt };
}
