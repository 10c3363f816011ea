import { subjectProblem } from '@longshore/authorization';
import { always, defaulting, duration, integer, list, section, text } from '@longshore/fields';

const subject = text('A subject.').superRefine((name, context) => {
  const message =
    name === 'anonymous' ? 'has no account: its limit is the one of anonymous' : subjectProblem(name);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

const exception = section('An exception.', {
  subjects: list('Whom it is for, in the words of access.rules: robot:ci, group:dev, users.', subject).min(
    1,
    'must name a subject',
  ),
  limit: integer('The limit of each account. 0: no limit.'),
});

interface Words {
  readonly what: string;
  readonly window: string;
}

const rate = (description: string, { what, window }: Words) =>
  always(
    section(description, {
      window: defaulting(
        duration(`Time in which a client regains the whole limit.`, {
          minimum: 1000,
          maximum: 7 * 86_400_000,
        }),
        window,
      ),
      anonymous: defaulting(
        integer(
          `${what} within a window of the clients without an account in one network (an IPv4 address, an IPv6 /64), together. 0: no limit.`,
        ),
        '0',
      ),
      accounts: defaulting(
        integer(`${what} within a window of each account, from wherever. 0: no limit.`),
        '0',
      ),
      exceptions: list('Other limits for some accounts. The first one that fits decides.', exception).default(
        [],
      ),
    }),
  );

/** Off by default: a limit that nobody chose would stop somebody's builds. */
export const ratelimits = always(
  section(
    'Limits on how often clients may ask. Each process counts for itself. Beyond a limit requests are answered 429 with Retry-After.',
    {
      requests: rate('Requests of every kind. Those that are answered 401 or 403 are not counted.', {
        what: 'Requests',
        window: '1m',
      }),
      pulls: rate('Pulls: GET requests of manifests. HEAD is free, and so are blobs.', {
        what: 'Pulls',
        window: '6h',
      }),
    },
  ),
);
