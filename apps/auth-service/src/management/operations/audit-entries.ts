import type { AuditEntry } from '@longshore/authorization';
import { auditPage } from '@longshore/metadata';
import { z } from 'zod';
import { cursorOf, noCursor, positionOf } from '../cursor.ts';
import { anyTime, component, line, pageOf, pageQuery, time, uuid } from '../fields.ts';
import { operation } from '../operation.ts';

const entry = component(
  'AuditEntry',
  z.strictObject({
    id: uuid,
    at: time,
    action: z.string().describe('An operation of this API, a route, or `login`.'),
    outcome: z.enum(['done', 'denied', 'failed']),
    status: z.int().optional(),
    code: z.string().optional(),
    actorKind: z.string(),
    actor: z.string(),
    credentialKind: z.string(),
    credentialId: z.string().optional(),
    repository: z.string().optional(),
    reference: z.string().optional(),
    address: z.string(),
    userAgent: z.string(),
    requestId: z.string(),
    service: z.string(),
    times: z.int().describe('Requests that the entry stands for.'),
    before: z.unknown().optional().describe('What was changed, as it was before. Without secrets.'),
    after: z.unknown().optional(),
  }),
);

const shown = ({ at, ...rest }: AuditEntry): z.infer<typeof entry> => ({
  ...rest,
  at: new Date(at).toISOString(),
});

/** @throws Refused 400 */
function placeOf(cursor: string | undefined) {
  const [at = '', id = ''] = positionOf(cursor, 2) ?? [];
  if (cursor === undefined) return undefined;
  if (!time.safeParse(at).success || !uuid.safeParse(id).success) throw noCursor();
  return { at: new Date(at), id };
}

const dateOf = (text: string | undefined): Date | undefined =>
  text === undefined ? undefined : new Date(text);

export const auditOperations = {
  listAuditEntries: operation({
    route: 'api-audit-entries',
    method: 'GET',
    summary: 'List entries of the audit log, the newest first',
    query: z.strictObject({
      ...pageQuery,
      since: anyTime.optional().describe('The oldest time.'),
      until: anyTime.optional().describe('The time after the newest.'),
      actor: line(256).optional(),
      repository: line(256).optional(),
    }),
    status: 200,
    answer: pageOf('AuditPage', entry),
    run: async ({ query: { limit, cursor, since, until, actor, repository } }, { db }) => {
      const filter = { since: dateOf(since), until: dateOf(until), actor, repository };
      const { items, more } = await auditPage(db, { ...filter, before: placeOf(cursor), limit });
      const last = items.at(-1);
      return {
        body: { items: items.map(shown) },
        ...(more && last !== undefined && { next: cursorOf([new Date(last.at).toISOString(), last.id]) }),
      };
    },
  }),
};
