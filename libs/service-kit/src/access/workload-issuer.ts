import {
  type KeySource,
  PrincipalTemplate,
  signatureAlgorithms,
  type TrustedIssuer,
  WorkloadRules,
} from '@longshore/authorization';
import type { Configuration } from '@longshore/configuration';

type ProviderSettings = NonNullable<Configuration['auth']>['workloads'][number];

/** Returns an identity provider of `auth.workloads` as an issuer for the verifier. */
export function workloadIssuer(provider: ProviderSettings, keys: KeySource): TrustedIssuer {
  const { name, issuer, audience, algorithms, rules } = provider;
  const compiled = rules.map(({ claims, principal, groups }) => ({
    claims,
    principal: principal === undefined ? undefined : PrincipalTemplate.of(principal),
    groups,
  }));
  return {
    issuer,
    audience,
    own: false,
    algorithms: signatureAlgorithms.filter((algorithm) => algorithms.includes(algorithm)),
    keys,
    workloads: new WorkloadRules(name, compiled),
  };
}
