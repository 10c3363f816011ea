import type { ControllerRoute } from './route.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Rights over accounts, rules, keys and the audit log: the action `admin` of a rule on the whole registry. */
const management = { kind: 'registry', name: 'management', actions: ['*'] } as const;

function row<const M extends readonly Method[]>(
  access: ControllerRoute['access'],
  path: string,
  ...methods: M
) {
  return {
    methods,
    templates: [`/api/v1/${path}`],
    spec: 'longshore',
    access,
    at: 'api-gateway',
  } as const satisfies ControllerRoute;
}

/** Routes for administrators. */
const administered = <const M extends readonly Method[]>(path: string, ...methods: M) =>
  row(management, path, ...methods);
/** Routes on what the caller owns. */
const owned = <const M extends readonly Method[]>(path: string, ...methods: M) =>
  row({ kind: 'identity' }, path, ...methods);

/** The management API: a part of the one table of routes. Its operations are declared in auth-service, and described in docs/reference/openapi.json. */
export const managementRoutes = {
  'api-document': row({ kind: 'open' }, 'openapi.json', 'GET'),
  'api-users': administered('users', 'GET', 'POST'),
  'api-user': administered('users/<user>', 'GET', 'PATCH', 'DELETE'),
  'api-groups': administered('groups', 'GET', 'POST'),
  'api-group': administered('groups/<group>', 'GET', 'DELETE'),
  'api-group-member': administered('groups/<group>/members/<user>', 'PUT', 'DELETE'),
  'api-robots': administered('robots', 'GET', 'POST'),
  'api-robot': administered('robots/<robot>', 'GET', 'PATCH', 'DELETE'),
  'api-access-tokens': administered('access-tokens', 'GET', 'POST'),
  'api-access-token': administered('access-tokens/<id>', 'GET', 'DELETE'),
  'api-rules': administered('rules', 'GET', 'POST'),
  'api-rule': administered('rules/<rule>', 'GET', 'PUT', 'DELETE'),
  'api-sessions': administered('sessions', 'GET'),
  'api-session': administered('sessions/<id>', 'GET', 'DELETE'),
  'api-signing-keys': administered('signing-keys', 'GET'),
  'api-signing-key-rotation': administered('signing-keys/rotation', 'POST'),
  'api-signing-key': administered('signing-keys/<id>', 'GET', 'DELETE'),
  'api-audit-entries': administered('audit-entries', 'GET'),
  'api-me': owned('me', 'GET'),
  'api-my-access-tokens': owned('me/access-tokens', 'GET', 'POST'),
  'api-my-access-token': owned('me/access-tokens/<id>', 'GET', 'DELETE'),
  'api-my-sessions': owned('me/sessions', 'GET'),
  'api-my-session': owned('me/sessions/<id>', 'DELETE'),
} as const satisfies Record<string, ControllerRoute>;

export type ManagementRouteId = keyof typeof managementRoutes;
