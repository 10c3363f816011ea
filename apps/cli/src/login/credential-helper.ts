import { NoSession, refreshSession } from './session-endpoint.ts';
import { changeSessions, readSessions, type StoredSession } from './stored-sessions.ts';

/** Milliseconds that an access secret must still have: docker begins with it, and asks again for each command. */
const margin = 300_000;

/** What docker-credential-helpers says for a registry that is not stored. Clients compare the text. */
const notFound = 'credentials not found in native keychain';

export interface HelperAnswer {
  readonly status: 0 | 1;
  readonly output: string;
}

/**
 * docker's protocol for credential helpers: a word, and on standard input a server or a document. It gives out the sessions of `longshore login`, and
 * refreshes them.
 */
export async function answerHelper(
  word: string | undefined,
  input: string,
  { file }: { readonly file: string },
): Promise<HelperAnswer> {
  switch (word ?? '') {
    case 'get':
      return get(serverOf(input), file);
    case 'list':
      return list(file);
    case 'erase':
      await changeSessions(file, (sessions) => without(sessions, serverOf(input)));
      return { status: 0, output: '' };
    case 'store':
      // A password would stand here in the clear, and `docker login` has another store for it.
      return { status: 1, output: 'use longshore login: this helper keeps no passwords' };
    default:
      return { status: 1, output: 'usage: docker-credential-longshore get|store|erase|list' };
  }
}

async function get(server: string, file: string): Promise<HelperAnswer> {
  const known = readSessions(file)[server];
  if (known === undefined) return { status: 1, output: notFound };
  const session = isFresh(known) ? known : await refreshed(server, file);
  if (session === undefined) return { status: 1, output: notFound };
  const { username, access } = session;
  return { status: 0, output: JSON.stringify({ ServerURL: server, Username: username, Secret: access }) };
}

async function refreshed(server: string, file: string): Promise<StoredSession | undefined> {
  let session: StoredSession | undefined;
  await changeSessions(file, async (sessions) => {
    const known = sessions[server];
    // Another process may have refreshed it meanwhile.
    if (known === undefined || isFresh(known)) {
      session = known;
      return sessions;
    }
    try {
      session = await refreshSession(known);
      return { ...sessions, [server]: session };
    } catch (error) {
      if (!(error instanceof NoSession)) throw error;
      return without(sessions, server);
    }
  });
  return session;
}

function list(file: string): HelperAnswer {
  const sessions = Object.entries(readSessions(file)).map(([server, { username }]) => [server, username]);
  return { status: 0, output: JSON.stringify(Object.fromEntries(sessions)) };
}

const isFresh = ({ accessUntil }: StoredSession): boolean => accessUntil - Date.now() > margin;

export function without(
  sessions: Readonly<Record<string, StoredSession>>,
  server: string,
): Readonly<Record<string, StoredSession>> {
  return Object.fromEntries(Object.entries(sessions).filter(([each]) => each !== server));
}

/** docker names a registry as its reference does, or as a URL. */
export const serverOf = (input: string): string =>
  input
    .trim()
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '');
