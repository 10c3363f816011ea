import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { serverOf, without } from '../login/credential-helper.ts';
import { removeHelper } from '../login/docker-configuration.ts';
import { endSession } from '../login/session-endpoint.ts';
import { changeSessions, readSessions, sessionsFile } from '../login/stored-sessions.ts';

export const logoutCommand: Command = {
  name: 'logout',
  summary: 'end the session of `longshore login`, here and at the registry',
  examples: ['longshore logout registry.example.com'],
  words: [{ name: 'registry', summary: 'the host of the registry, as for login' }],
  options: [],
  run,
};

async function run({
  words: [registry = ''],
  environment,
  complain,
  report,
}: CommandContext): Promise<ExitStatus> {
  const [file, server] = [sessionsFile(environment), serverOf(registry)];
  const session = readSessions(file)[server];
  if (session === undefined) {
    complain(`not logged in to ${server}, so there is no session to end`);
    return exitStatus.failed;
  }
  await changeSessions(file, (sessions) => without(sessions, server));
  removeHelper(environment, server);
  try {
    await endSession(session);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    complain(`the session at ${server} could not be ended, and stays until it expires: ${reason}`);
    return exitStatus.unavailable;
  }
  report({ registry: server }, [`logged out of ${server}`]);
  return exitStatus.ok;
}
