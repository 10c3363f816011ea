import { type Database, deadDeliveries, replayDeliveries } from '@longshore/metadata';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { withDatabase } from './with-database.ts';

export const notificationsReplayCommand: Command = {
  name: 'notifications replay',
  summary: 'deliver again what was given up: one event, or all of a webhook',
  examples: [
    'longshore notifications replay ci --config registry.yml',
    'longshore notifications replay ci --event 019ac1f0-5d0e-7c3a-9f00-0123456789ab',
  ],
  words: [{ name: 'endpoint', summary: 'the name of the webhook in the configuration' }],
  options: ['config', 'standalone', 'event'],
  run,
};

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const batch = 500;

function run(context: CommandContext): Promise<ExitStatus> | ExitStatus {
  const {
    words: [endpoint = ''],
    event,
    report,
    complain,
  } = context;
  if (event !== undefined && !uuid.test(event)) {
    complain(`${event} is no id of an event (notifications dead lists them)`);
    return exitStatus.usage;
  }
  return withDatabase(context, async (database) => {
    const replayed =
      event === undefined
        ? await replayAll(database, endpoint)
        : (await replayDeliveries(database.db, { endpoint, eventIds: [event] })).length;
    report({ replayed }, [`${replayed} ${replayed === 1 ? 'delivery is' : 'deliveries are'} due again`]);
    if (event === undefined || replayed > 0) return exitStatus.ok;
    complain(
      `no delivery of ${event} to ${endpoint} was given up (notifications dead lists those that were)`,
    );
    return exitStatus.failed;
  });
}

/** A replayed delivery is no longer dead, so each query finds the next ones. */
async function replayAll({ db }: Database, endpoint: string): Promise<number> {
  let replayed = 0;
  let page = await deadDeliveries(db, { endpoint, limit: batch });
  while (page.length > 0) {
    const eventIds = page.map(({ eventId }) => eventId);
    replayed += (await replayDeliveries(db, { endpoint, eventIds })).length;
    // Skips a delivery that has died again meanwhile.
    page = await deadDeliveries(db, { endpoint, after: eventIds.at(-1), limit: batch });
  }
  return replayed;
}
