import { type SigningKey, signingKeys } from '@longshore/metadata';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { withDatabase } from './with-database.ts';

export const keysListCommand: Command = {
  name: 'keys list',
  summary: 'list the keys that sign and verify tokens, newest first',
  examples: ['longshore keys list --config registry.yml', 'longshore keys list --standalone --json'],
  options: ['config', 'standalone'],
  run,
};

function run(context: CommandContext): Promise<ExitStatus> {
  return withDatabase(context, async ({ db }) => {
    const keys = documentsOf(await signingKeys(db));
    context.report(keys, keys.map(lineOf));
    return exitStatus.ok;
  });
}

export interface KeyDocument {
  readonly kid: string;
  readonly algorithm: string;
  readonly created: Date;
  /** `signs` now, `next`: signs from `signsFrom`, or `verifies` tokens that it signed. */
  readonly state: 'next' | 'signs' | 'verifies';
  readonly signsFrom: Date;
}

/** The newest key that may sign does; older ones verify. A key alone signs at once. */
export function documentsOf(keys: readonly SigningKey[]): KeyDocument[] {
  const active = keys.filter(({ retiredAt }) => retiredAt === undefined);
  const signing = active.find(({ signsFrom }) => signsFrom.getTime() <= Date.now()) ?? active.at(-1);
  const before = signing === undefined ? keys.length : keys.indexOf(signing);
  return keys.map(({ kid, publicJwk, createdAt, signsFrom }, index) => ({
    kid,
    algorithm: String(publicJwk['alg']),
    created: createdAt,
    state: index === before ? 'signs' : index < before ? 'next' : 'verifies',
    signsFrom,
  }));
}

function lineOf({ kid, algorithm, created, state, signsFrom }: KeyDocument): string {
  const when = state === 'next' ? ` from ${signsFrom.toISOString()}` : '';
  return `${kid}  ${algorithm}  ${created.toISOString()}  ${state}${when}`;
}
