#!/usr/bin/env node
// The whole program is this file, without imports of packages: a node of Kubernetes gets the compiled file and nothing else.
import { realpathSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const apiVersion = 'credentialprovider.kubelet.k8s.io/v1';
/** The registry looks at the password only. */
const username = 'kubernetes-service-account';
/** Seconds before its end at which a token is no longer handed out: a pull with it has begun by then. */
const margin = 60;

/** CredentialProviderResponse of the kubelet's plug-in API. */
export interface CredentialProviderResponse {
  readonly apiVersion: string;
  readonly kind: 'CredentialProviderResponse';
  readonly cacheKeyType: 'Registry';
  /** A duration of Go. */
  readonly cacheDuration: string;
  readonly auth: Readonly<Record<string, { readonly username: string; readonly password: string }>>;
}

/**
 * Answers a CredentialProviderRequest: the token of the pod's service account is the password at the image's registry. Speaks to no server. Without a token
 * (the kubelet has no `tokenAttributes`, or the pod no service account) there are no credentials, and the pull is anonymous.
 * @param now milliseconds since 1970
 * @throws Error with a sentence for the kubelet's log. It quotes nothing of the request
 */
export function respond(request: string, now: number): CredentialProviderResponse {
  const { apiVersion: version, kind, image, serviceAccountToken: token } = objectOf(request);
  if (version !== apiVersion || kind !== 'CredentialProviderRequest')
    throw new Error(`the request is no CredentialProviderRequest of ${apiVersion}`);
  const host = typeof image === 'string' ? image.split('/', 1)[0] : undefined;
  if (host === undefined || host === '' || host === image)
    throw new Error('the request names no image of a registry');
  const isPresent = typeof token === 'string' && token !== '';
  return {
    apiVersion,
    kind: 'CredentialProviderResponse',
    cacheKeyType: 'Registry',
    cacheDuration: isPresent ? `${secondsLeft(token, now)}s` : '0s',
    auth: isPresent ? { [host]: { username, password: token } } : {},
  };
}

function secondsLeft(token: string, now: number): number {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  const { exp } = payload.startsWith('{') ? objectOf(payload) : {};
  return typeof exp === 'number' ? Math.max(0, Math.floor(exp - now / 1000) - margin) : 0;
}

function objectOf(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // The parser's error would quote the token.
  }
  throw new Error('the request is no JSON object');
}

/** `import.meta.main` is younger than the Node of many machines. */
const isProgram = realpathSync(process.argv[1] ?? '.') === fileURLToPath(import.meta.url);

if (isProgram) {
  try {
    process.stdout.write(`${JSON.stringify(respond(await text(process.stdin), Date.now()))}\n`);
  } catch (error) {
    process.stderr.write(
      `longshore-credential-provider: ${error instanceof Error ? error.message : 'failed'}\n`,
    );
    process.exitCode = 1;
  }
}
