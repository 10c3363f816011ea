import { randomUUID } from 'node:crypto';
import { anonymous, type AuditEntry, isAccountName, parseAuthorization } from '@longshore/authorization';
import { controllerRoutes, formatReference } from '@longshore/oci';
import { controllerPaths } from '../endpoints/controller-paths.ts';
import { refusalOf } from '../http/error-reply.ts';
import type { RequestOutcome } from '../http/request-observer.ts';

/** The token endpoint: a request with credentials is a login. */
const tokenPaths = controllerPaths(controllerRoutes.token);
/** The request with which a login by OpenID Connect ends. */
const callbackPaths = controllerPaths(controllerRoutes['login-callback']);
/** A device asks here every few seconds until its user has logged in. */
const devicePaths = controllerPaths(controllerRoutes['device-token']);

/**
 * Makes the entry of a request for the audit log. Undefined for a request that has none: an admitted read, the request of a client that was asked to log
 * in, and one that another of our services has forwarded, which makes the entry itself.
 */
export function auditEntryOf(outcome: RequestOutcome, service: string): AuditEntry | undefined {
  // Most requests. Nothing else is computed for them.
  if (isRead(outcome) && outcome.status < 400 && !isLogin(outcome)) return undefined;
  const { client, handler } = outcome;
  if (client.isForwarded === true || handler === 'unmatched' || handler === 'options') return undefined;
  return isRecorded(outcome) ? entryOf(outcome, service) : undefined;
}

function isRecorded(outcome: RequestOutcome): boolean {
  const { status } = outcome;
  if (outcome.isRecorded === true) return false;
  if (devicePaths.includes(outcome.handler)) return status !== 400;
  if (!isRead(outcome)) return true;
  if (status === 401 && isNobody(outcome)) return false;
  return isDenied(status) || isLogin(outcome);
}

const isRead = ({ request: { method } }: RequestOutcome): boolean => method === 'GET' || method === 'HEAD';

function entryOf(outcome: RequestOutcome, service: string): AuditEntry {
  const { client, match, status, handler, fault } = outcome;
  const refusal = fault === undefined ? undefined : refusalOf(fault);
  const reference = match?.reference === undefined ? match?.digest : formatReference(match.reference);
  return {
    id: randomUUID(),
    at: Date.now(),
    action: isLogin(outcome) ? 'login' : handler,
    outcome: outcomeOf(status),
    status,
    ...(refusal === undefined ? {} : { code: refusal.code }),
    ...actorOf(outcome),
    ...(match?.name === undefined ? {} : { repository: match.name }),
    ...(reference === undefined ? {} : { reference }),
    address: client.address,
    userAgent: printable(client.userAgent),
    requestId: client.requestId,
    service,
    times: 1,
  };
}

function actorOf(
  outcome: RequestOutcome,
): Pick<AuditEntry, 'actorKind' | 'actor' | 'credentialKind' | 'credentialId'> {
  const { identity } = outcome;
  if (identity !== undefined) {
    const { kind, id } = identity.credential;
    return {
      actorKind: identity.kind,
      actor: identity.subject,
      credentialKind: kind,
      ...(id === undefined ? {} : { credentialId: printable(id) }),
    };
  }
  const actor = claimedName(outcome);
  return { actorKind: actor === '' ? anonymous.kind : 'unproved', actor, credentialKind: 'none' };
}

/**
 * Returns the name of Basic credentials that did not prove it, or an empty text. A text that is no name of an account is left out: people type passwords
 * and tokens in the wrong field.
 */
function claimedName({ request }: RequestOutcome): string {
  try {
    const credentials = parseAuthorization(request.headers.authorization);
    return credentials.kind === 'basic' && isAccountName(credentials.username) ? credentials.username : '';
  } catch {
    // Credentials that cannot be read name nobody.
    return '';
  }
}

/** A token request with credentials, and `docker login` where the registry issues no tokens. */
function isLogin(outcome: RequestOutcome): boolean {
  const { handler, identity, request } = outcome;
  if (callbackPaths.includes(handler) || devicePaths.includes(handler)) return true;
  if (tokenPaths.includes(handler)) return request.method === 'POST' || sentCredentials(outcome);
  return (
    handler === 'base' &&
    (identity?.credential.kind === 'password' || identity?.credential.kind === 'access-token')
  );
}

const sentCredentials = ({ request }: RequestOutcome): boolean => request.headers.authorization !== undefined;

/** Tells whether the client has shown no credentials, neither in the header nor a certificate. */
const isNobody = (outcome: RequestOutcome): boolean =>
  !sentCredentials(outcome) && (outcome.identity ?? anonymous).kind === 'anonymous';

const isDenied = (status: number): boolean => status === 401 || status === 403 || status === 429;

function outcomeOf(status: number): AuditEntry['outcome'] {
  if (status < 400) return 'done';
  return isDenied(status) ? 'denied' : 'failed';
}

/** Postgres takes no NUL, and a terminal obeys control characters. */
// oxlint-disable-next-line no-control-regex -- these are meant
const control = /[\x00-\x1f\x7f-\x9f]/g;

function printable(text: string): string {
  return text.slice(0, 256).replaceAll(control, '?');
}
