export { challenge, type ChallengeError, type ChallengeSettings } from './challenge.ts';
export { isAllowed, isAllowedAll, type Access, type Grant, type Identity } from './identity.ts';
export { maximumTokenLength, parseAuthorization, type Credentials } from './parse-authorization.ts';
export { challengedScopes, requiredScopes } from './route-scopes.ts';
export { formatScope, parseScope, parseScopes, type Scope } from './scope.ts';
export { signatureAlgorithms, type SignatureAlgorithm } from './tokens/algorithms.ts';
export { FileKeys, type KeyFiles } from './tokens/file-keys.ts';
export { FixedKeys, KeySource, type KeySet } from './tokens/key-source.ts';
export { TokenVerifier, type TokenVerifierOptions, type TrustedIssuer } from './tokens/token-verifier.ts';
