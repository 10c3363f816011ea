import { type DeadDelivery, deadDeliveries } from '@longshore/metadata';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { withDatabase } from './with-database.ts';

export const notificationsDeadCommand: Command = {
  name: 'notifications dead',
  summary: 'list the deliveries to a webhook that were given up, oldest first, a thousand at most',
  examples: [
    'longshore notifications dead ci --config registry.yml',
    'longshore notifications dead ci --standalone',
  ],
  words: [{ name: 'endpoint', summary: 'the name of the webhook in the configuration' }],
  options: ['config', 'standalone'],
  run,
};

const most = 1000;

function run(context: CommandContext): Promise<ExitStatus> {
  const {
    words: [endpoint = ''],
    report,
  } = context;
  return withDatabase(context, async ({ db }) => {
    const dead = await deadDeliveries(db, { endpoint, limit: most });
    report(dead.map(documentOf), dead.map(lineOf));
    return exitStatus.ok;
  });
}

function documentOf({ eventId, createdAt, attempts, lastError, envelope }: DeadDelivery): object {
  const document: unknown = JSON.parse(Buffer.from(envelope).toString('utf8'));
  return { event: eventId, since: createdAt, attempts, error: lastError, envelope: document };
}

function lineOf({ eventId, createdAt, attempts, lastError = '' }: DeadDelivery): string {
  return `${eventId}  ${createdAt.toISOString()}  ${attempts} attempts  ${lastError}`;
}
