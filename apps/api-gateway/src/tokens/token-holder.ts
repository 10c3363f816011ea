import { anonymous, type Identity } from '@longshore/authorization';
import type { TokenAnswer } from '@longshore/messaging';

/**
 * Returns who got the token of an answer, for the access log and the audit log. Undefined without a token. Auth-service has just made the token, so
 * nothing is verified.
 */
export function tokenHolder({ status, body }: TokenAnswer): Identity | undefined {
  if (status !== 200) return undefined;
  const { access_token: token = '' }: { readonly access_token?: string } = JSON.parse(body);
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  if (payload === '') return undefined;
  const { sub = '', longshore }: Claims = JSON.parse(payload);
  const { kind = 'user', gotWith } = longshore ?? {};
  if (sub === '') return anonymous;
  return { ...anonymous, kind, subject: sub, credential: gotWith ?? anonymous.credential };
}

interface Claims {
  readonly sub?: string;
  readonly longshore?: { readonly kind?: Identity['kind']; readonly gotWith?: Identity['credential'] };
}
