import type { SwiftParameters } from '../swift-parameters.ts';
import { endpointOfV3 } from './catalog.ts';
import { listAt, textAt } from './json-field.ts';
import type { Session } from './session.ts';
import { StorageError } from '@longshore/storage';

type Json = Readonly<Record<string, unknown>>;

/** Returns the body of `POST /v3/auth/tokens` (Keystone's Identity API v3, "Authentication and token management"). */
export function tokenRequestV3(parameters: SwiftParameters): Json {
  const secret = parameters.applicationcredentialsecret;
  if (secret === undefined)
    return {
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { ...user(parameters), password: parameters.password } },
        },
        ...scope(parameters),
      },
    };
  const { applicationcredentialid: id, applicationcredentialname: name } = parameters;
  const credential = id === undefined ? { name, user: user(parameters), secret } : { id, secret };
  // An application credential has its own scope; Keystone refuses another one.
  return {
    auth: { identity: { methods: ['application_credential'], application_credential: credential } },
  };
}

/** @throws StorageError if the answer has no token or no matching endpoint */
export function sessionOfV3(
  token: string | undefined,
  answer: unknown,
  parameters: SwiftParameters,
): Session {
  if (token === undefined)
    throw new StorageError('denied', {
      driver: 'swift',
      reason: 'authurl gives no token: is it Keystone v3?',
    });
  const issued = Date.parse(textAt(answer, 'token', 'issued_at') ?? '');
  const expires = Date.parse(textAt(answer, 'token', 'expires_at') ?? '');
  const lifetime = expires - issued;
  return {
    token,
    storageUrl: endpointOfV3(listAt(answer, 'token', 'catalog'), parameters),
    lifetime: Number.isNaN(lifetime) ? undefined : lifetime,
  };
}

function user({ userid, username, domain, domainid }: SwiftParameters): Json {
  if (userid !== undefined) return { id: userid };
  return { name: username, domain: domainOf(domain, domainid) };
}

function scope(parameters: SwiftParameters): Json {
  const { trustid, tenant, tenantid, domain, domainid, tenantdomain, tenantdomainid } = parameters;
  if (trustid !== undefined) return { scope: { 'OS-TRUST:trust': { id: trustid } } };
  if (tenantid !== undefined) return { scope: { project: { id: tenantid } } };
  // Without a scope, Keystone takes the user's default project.
  if (tenant === undefined) return {};
  const isOwn = tenantdomain !== undefined || tenantdomainid !== undefined;
  const where = isOwn ? domainOf(tenantdomain, tenantdomainid) : domainOf(domain, domainid);
  return { scope: { project: { name: tenant, domain: where } } };
}

/** Keystone's first domain has the id `default`, whatever its name. */
function domainOf(name: string | undefined, id: string | undefined): Json {
  if (id !== undefined) return { id };
  return name === undefined ? { id: 'default' } : { name };
}
