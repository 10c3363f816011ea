export { accessTokenHash, isAccessToken, newAccessToken } from './accounts/access-token.ts';
export { AccountError } from './accounts/account-error.ts';
export { accountFingerprint } from './accounts/account-fingerprint.ts';
export { isAccountName, requireAccountName } from './accounts/account-name.ts';
export {
  CertificateAccounts,
  certified,
  type CertifiedAccount,
} from './certificates/certificate-accounts.ts';
export type { AuditEntry } from './audit-entry.ts';
export { challenge, type ChallengeError, type ChallengeSettings } from './challenge.ts';
export {
  anonymous,
  anyone,
  type CredentialFacts,
  type Grant,
  type Identity,
  type Limit,
  userNamed,
} from './identity.ts';
export { type Mark, type MarkKind, markKinds, VoidMarks } from './marks/void-marks.ts';
export { maximumTokenLength, parseAuthorization, type Credentials } from './parse-authorization.ts';
export { RecentMap } from './recent-map.ts';
export { isPolicyAction, policyActions, type Role, roleNames, roles } from './policy/actions.ts';
export { PolicyError, type RuleProblem } from './policy/compile-rule.ts';
export { type Explanation, Policy, type PolicyQuestion } from './policy/policy.ts';
export { PolicyRights } from './policy/policy-rights.ts';
export { RepositoryPattern } from './policy/repository-pattern.ts';
export { type Rule, ruleOf, type StoredRule, subjectProblem } from './policy/rule.ts';
export { subjectsOf } from './policy/subjects.ts';
export { type ClientOrigin, type Decision, Rights, type RightsQuestion, type View } from './rights.ts';
export { type AskedRoute, challengedScopes, grantable, isOfResource, resourceOf } from './route-access.ts';
export { formatScope, parseScopes, type Scope } from './scope.ts';
export { Seal } from './seal.ts';
export { signatureAlgorithms, type SigningAlgorithm, signingAlgorithms } from './tokens/algorithms.ts';
export { FileKeys, type KeyFiles } from './tokens/file-keys.ts';
export { HeldKeys } from './tokens/held-keys.ts';
export { readKeySet } from './tokens/key-set.ts';
export { KeySource, type KeySet } from './tokens/key-source.ts';
/** @internal */
export { FixedKeys } from './tokens/key-source.ts';
export type { OwnClaims } from './tokens/own-claims.ts';
export { TokenVerifier, type TrustedIssuer } from './tokens/token-verifier.ts';
export { PrincipalTemplate } from './workloads/principal-template.ts';
export { WorkloadRules } from './workloads/workload-rules.ts';
