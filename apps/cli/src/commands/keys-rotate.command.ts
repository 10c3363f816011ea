import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, rotateSigningKeys, rotationOverlap, signingKeys } from '@longshore/metadata';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { recorded } from './recorded.ts';
import { withDatabase } from './with-database.ts';

/** Milliseconds that the command waits for auth-service to make the key. */
const patience = 15_000;

export const keysRotateCommand: Command = {
  name: 'keys rotate',
  summary: 'have a new key sign tokens; tokens of the old one stay valid until they expire',
  details:
    'auth-service makes the key. It is published at once and signs after 20 minutes, so that everybody who reads /.well-known/jwks.json has it by then.',
  examples: ['longshore keys rotate --config registry.yml', 'longshore keys rotate --now --standalone'],
  options: ['config', 'standalone', 'now'],
  run,
};

function run(context: CommandContext): Promise<ExitStatus> {
  const { now = false, report, complain } = context;
  return withDatabase(context, async (database) => {
    const afterSeconds = now ? rotationOverlap.now : rotationOverlap.usual;
    const { after: replaced } = await recorded(database, 'rotateSigningKeys', async (tx) => ({
      before: undefined,
      after: await rotateSigningKeys(tx, { afterSeconds }),
    }));
    const made = await successorOf(database, new Set(replaced));
    if (made === undefined) {
      complain('the new key is asked for and does not exist yet: auth-service makes it when it runs');
      return exitStatus.unavailable;
    }
    report({ kid: made.kid, signsFrom: made.signsFrom, replaces: replaced }, [
      `${made.kid} signs from ${made.signsFrom.toISOString()}`,
    ]);
    return exitStatus.ok;
  });
}

async function successorOf({ db }: Database, replaced: ReadonlySet<string>) {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    const made = (await signingKeys(db)).find(
      ({ kid, retiredAt, replaceFrom }) =>
        !replaced.has(kid) && retiredAt === undefined && replaceFrom === undefined,
    );
    if (made !== undefined) return made;
    await sleep(250);
  }
  return undefined;
}
