import type { ClientOrigin, Identity } from '@longshore/authorization';
import type { ManagementRouteId } from '@longshore/oci';
import { defineRequest } from '../request.ts';

/** A request to the management API without HTTP, by a client that may use the route. */
export interface ManagementCall {
  readonly route: ManagementRouteId;
  readonly method: string;
  /** Parameters of the path, decoded. */
  readonly path: Readonly<Record<string, string>>;
  /** Parameters of the query, in order. A name may repeat. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** The body as it came. Empty for a method without one. */
  readonly body: string;
  /** Absent on an open route. */
  readonly identity?: Identity;
  readonly client: Required<Pick<ClientOrigin, 'address' | 'userAgent'>> &
    Pick<ClientOrigin, 'scheme' | 'host'>;
  readonly requestId: string;
}

export interface ManagementAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** True if the audit log has the entry of the request: it was written with the change. */
  readonly isRecorded: boolean;
}

/** Answers a request to the management API. Its answer may hold a new secret. */
export const manage = defineRequest<ManagementCall, ManagementAnswer>({
  subject: 'auth.manage',
  servedBy: 'auth-service',
  askedBy: ['api-gateway'],
  deadlineMs: 15_000,
  confidential: true,
});
