import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { busServices, contracts, permissionsOf } from '@longshore/messaging';
import { Declarations } from './declarations.ts';
import { code, page, table } from './markdown.ts';

export function busPage(root: string): string {
  const described = written(root);
  return page('The bus', '`libs/messaging/src/contracts`', [
    'What services ask each other, over NATS or within one process. The asker gives up after the deadline and tells the one who answers. Look-ups of one event-loop turn travel as one message and may be asked again when a connection was lost; the others are asked once. A refusal crosses the bus as it is (see [errors](errors.md)); nobody there, or nobody with time, is `UNAVAILABLE` with `Retry-After`. Question and answer of a sealed contract carry passwords or tokens, or the keys that verify them: over NATS they are encrypted under `services.secret`, and a message that was not sealed by one of our services, or comes twice, is refused.',
    table(
      [
        'subject',
        'answered by',
        'asked by',
        'deadline',
        'look-up',
        'sealed',
        'question',
        'answer',
        'contract',
      ],
      described.map(
        ({ subject, servedBy, askedBy, deadlineMs, lookup, confidential, question, answer, name }) => [
          code(subject),
          servedBy,
          askedBy.join(', '),
          `${deadlineMs / 1000} s`,
          lookup === true ? 'yes' : '',
          confidential === true ? 'yes' : '',
          code(question),
          code(answer),
          code(name),
        ],
      ),
    ),
    described
      .filter(({ comment }) => comment !== '')
      .map(({ subject, comment }) => `- ${code(subject)}: ${comment}`)
      .join('\n'),
    'These subjects are between services of one version and the one before it, and no interface for others; whoever wants to hear of changes subscribes a webhook ([events](events.md)).',
    ...permissions(),
  ]);
}

/** Returns the contracts with the types and comments of their source. */
function written(root: string) {
  const folder = join(root, 'libs/messaging/src/contracts');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .flatMap((name) => new Declarations(join(folder, name)).madeWith('defineRequest'))
    .map(({ name, comment, types: [question = '', answer = ''] }) => {
      const contract = contracts.get(name);
      if (contract === undefined) throw new Error(`the contract ${name} is not exported`);
      const { subject, servedBy, askedBy, deadlineMs, lookup, confidential } = contract;
      return {
        subject,
        servedBy,
        askedBy,
        deadlineMs,
        lookup,
        confidential,
        name,
        comment,
        question,
        answer,
      };
    })
    .toSorted((a, b) => (a.subject < b.subject ? -1 : 1));
}

function permissions(): string[] {
  return [
    '## Who may do what',
    'Each service connects to NATS as a user of its own name, and the server refuses every subject that is not listed here. The NATS of `npm run cluster`, of docker-compose.yml and of the chart (`nats.bundled`) are set up so. Give your own NATS these users; [charts/longshore/files/nats.conf](../../charts/longshore/files/nats.conf) is that configuration. A service whose user lacks a subject is not ready, and says which.',
    table(
      ['user', 'may publish to', 'may subscribe to (with the queue group)'],
      busServices.map((service) => {
        const { publish, subscribe } = permissionsOf(service);
        return [service, publish.map(code).join('<br>'), subscribe.map(code).join('<br>')];
      }),
    ),
    "A service's answers arrive below `_INBOX_<service>`, where no other may listen, in a branch for each service that answers, where no other may publish: none overhears or forges what another is told.",
  ];
}
