import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { serverOf } from '../login/credential-helper.ts';
import { addHelper } from '../login/docker-configuration.ts';
import { beginDevice, type DeviceCode, NoSession, originOf, pollDevice } from '../login/session-endpoint.ts';
import { changeSessions, sessionsFile, type StoredSession } from '../login/stored-sessions.ts';

export const loginCommand: Command = {
  name: 'login',
  summary: 'log in to a registry with your identity provider, for docker and others on this computer',
  details:
    'It shows a code that you confirm in a browser, on this computer or on another one, and names docker-credential-longshore in docker’s configuration.',
  examples: ['longshore login registry.example.com'],
  words: [{ name: 'registry', summary: 'the host of the registry, as images name it, or its URL' }],
  options: [],
  run,
};

async function run(context: CommandContext): Promise<ExitStatus> {
  const {
    words: [registry = ''],
    environment,
    progress,
    complain,
    report,
  } = context;
  const origin = originOf(registry);
  if (origin === undefined) {
    complain('login needs the host of a registry, such as registry.example.com');
    return exitStatus.usage;
  }
  try {
    const server = serverOf(registry);
    const code = await beginDevice(origin, hostname());
    progress(`Open ${code.verification_uri_complete} and confirm the code ${code.user_code}.`);
    openBrowser(code.verification_uri_complete, environment);
    const session = await confirmed(origin, code);
    await changeSessions(sessionsFile(environment), (sessions) => ({ ...sessions, [server]: session }));
    const configuration = addHelper(environment, server);
    const document = { registry: server, user: session.username, docker: configuration };
    report(document, [`logged in to ${server} as ${session.username}`]);
    return exitStatus.ok;
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return error instanceof NoSession ? exitStatus.failed : exitStatus.unavailable;
  }
}

/** @throws NoSession if the person denies, or the code expires */
async function confirmed(origin: string, code: DeviceCode): Promise<StoredSession> {
  const until = Date.now() + code.expires_in * 1000;
  for (let interval = code.interval; Date.now() < until;) {
    await sleep(interval * 1000);
    try {
      return await pollDevice(origin, code.device_code);
    } catch (error) {
      if (!(error instanceof NoSession)) throw error;
      if (error.message === 'slow_down') interval += 5;
      else if (error.message !== 'authorization_pending')
        throw new NoSession(reasonOf(error), { cause: error });
    }
  }
  throw new NoSession('the code has expired');
}

function reasonOf({ message }: NoSession): string {
  return message === 'access_denied' ? 'the login was denied' : 'the code has expired';
}

/** Opens the page where a person sits in front of a desktop. BROWSER names another program; empty: none. */
function openBrowser(url: string, environment: NodeJS.ProcessEnv): void {
  const { BROWSER: named, DISPLAY, WAYLAND_DISPLAY } = environment;
  const hasDesktop =
    process.platform === 'darwin' || [DISPLAY, WAYLAND_DISPLAY].some((each) => each !== undefined);
  const program = named ?? (hasDesktop ? (process.platform === 'darwin' ? 'open' : 'xdg-open') : '');
  if (program === '') return;
  const browser = spawn(program, [url], { stdio: 'ignore', detached: true, env: environment });
  // The URL is on the terminal as well.
  browser.on('error', () => undefined);
  browser.unref();
}
