import type { ManagementRouteId } from '@longshore/oci';
import type { Operation } from './operation.ts';
import { accessTokenOperations } from './operations/access-tokens.ts';
import { auditOperations } from './operations/audit-entries.ts';
import { groupOperations } from './operations/groups.ts';
import { ownOperations } from './operations/me.ts';
import { robotOperations } from './operations/robots.ts';
import { ruleOperations } from './operations/rules.ts';
import { sessionOperations } from './operations/sessions.ts';
import { signingKeyOperations } from './operations/signing-keys.ts';
import { userOperations } from './operations/users.ts';

/** All operations of the management API, by the ids that the OpenAPI document and the audit log use. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries<Operation>({
    ...userOperations,
    ...groupOperations,
    ...robotOperations,
    ...accessTokenOperations,
    ...ruleOperations,
    ...sessionOperations,
    ...signingKeyOperations,
    ...auditOperations,
    ...ownOperations,
  }),
);

const keyOf = (route: ManagementRouteId, method: string): string => `${method} ${route}`;
const byRoute = new Map([...operations].map(([id, made]) => [keyOf(made.route, made.method), { id, made }]));

/** @returns undefined if the route has no operation for the method */
export const operationAt = (route: ManagementRouteId, method: string) => byRoute.get(keyOf(route, method));
