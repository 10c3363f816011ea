import type { SwiftParameters } from '../swift-parameters.ts';
import { endpointOfV2 } from './catalog.ts';
import { listAt, textAt } from './json-field.ts';
import type { Session } from './session.ts';
import { StorageError } from '@longshore/storage';

/** Returns the body of `POST /v2.0/tokens`. */
export function tokenRequestV2(parameters: SwiftParameters): Readonly<Record<string, unknown>> {
  const { username, userid, password, tenant, tenantid } = parameters;
  const who = userid === undefined ? { username } : { userId: userid };
  return {
    auth: {
      passwordCredentials: { ...who, password },
      ...(tenantid === undefined ? {} : { tenantId: tenantid }),
      ...(tenantid === undefined && tenant !== undefined ? { tenantName: tenant } : {}),
    },
  };
}

/** @throws StorageError if the answer has no token or no matching endpoint */
export function sessionOfV2(answer: unknown, parameters: SwiftParameters): Session {
  const token = textAt(answer, 'access', 'token', 'id');
  if (token === undefined)
    throw new StorageError('denied', {
      driver: 'swift',
      reason: 'authurl gives no token: is it Keystone v2?',
    });
  const issued = Date.parse(textAt(answer, 'access', 'token', 'issued_at') ?? '');
  const expires = Date.parse(textAt(answer, 'access', 'token', 'expires') ?? '');
  const lifetime = expires - (Number.isNaN(issued) ? Date.now() : issued);
  return {
    token,
    storageUrl: endpointOfV2(listAt(answer, 'access', 'serviceCatalog'), parameters),
    lifetime: Number.isNaN(lifetime) ? undefined : lifetime,
  };
}
