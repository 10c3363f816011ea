import type { AuditEntry } from '@longshore/authorization';
import { auditPage } from '@longshore/metadata';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { withDatabase } from './with-database.ts';

export const auditListCommand: Command = {
  name: 'audit list',
  summary: 'list changes, denied requests and logins, the newest first, a thousand at most',
  examples: [
    'longshore audit list --since 24h --standalone',
    'longshore audit list --actor ann --repository team/app --json --config registry.yml',
  ],
  options: ['config', 'standalone', 'since', 'actor', 'repository'],
  run,
};

const most = 1000;
const unitMilliseconds: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function run(context: CommandContext): Promise<ExitStatus> | ExitStatus {
  const { actor, report, complain } = context;
  const [repository, ...more] = context.repository ?? [];
  if (more.length > 0) {
    complain('audit list takes one --repository; leave it out for all');
    return exitStatus.usage;
  }
  const since = context.since === undefined ? undefined : timeOf(context.since);
  if (since !== undefined && Number.isNaN(since.getTime())) {
    complain(`--since ${context.since} is neither a time, as 2026-11-30T12:00:00Z, nor an age, as 24h`);
    return exitStatus.usage;
  }
  return withDatabase(context, async ({ db }) => {
    const { items } = await auditPage(db, { since, actor, repository, limit: most });
    report(items.map(documentOf), items.map(lineOf));
    return exitStatus.ok;
  });
}

function timeOf(text: string): Date {
  const [, count = '', unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const milliseconds = unitMilliseconds[unit];
  return milliseconds === undefined ? new Date(text) : new Date(Date.now() - Number(count) * milliseconds);
}

const documentOf = (entry: AuditEntry): object => ({ ...entry, at: new Date(entry.at).toISOString() });

function lineOf(entry: AuditEntry): string {
  const { at, action, outcome, status, code, actorKind, actor, repository, reference, address, times } =
    entry;
  const what = [repository, reference].filter((part) => part !== undefined).join(' ');
  return [
    new Date(at).toISOString(),
    outcome,
    [status, code].filter((part) => part !== undefined).join(' '),
    action,
    actor === '' ? actorKind : `${actorKind}:${actor}`,
    what === '' ? '-' : what,
    address,
    ...(times > 1 ? [`${times} times`] : []),
  ].join('  ');
}
