import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as messaging from '@longshore/messaging';
import { Declarations } from './declarations.ts';
import { code, page, table } from './markdown.ts';

interface Contract {
  readonly subject: string;
  readonly deadlineMs: number;
  readonly lookup?: true;
}

export function busPage(root: string): string {
  const folder = join(root, 'libs/messaging/src/contracts');
  const written = readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .flatMap((name) => new Declarations(join(folder, name)).madeWith('defineRequest'));
  const made = new Map(Object.entries(messaging).filter(isContract));
  const contracts = written
    .map(({ name, comment, types: [question = '', answer = ''] }) => {
      const contract = made.get(name);
      if (contract === undefined) throw new Error(`the contract ${name} is not exported`);
      const { subject, deadlineMs, lookup } = contract;
      return { name, comment, question, answer, subject, deadlineMs, lookup };
    })
    .toSorted((a, b) => (a.subject < b.subject ? -1 : 1));
  return page('The bus', '`libs/messaging/src/contracts`', [
    'What services ask each other, over NATS or within one process. The asker gives up after the deadline and tells the one who answers. Look-ups of one event-loop turn travel as one message and may be asked again when a connection was lost; the others are asked once. A refusal crosses the bus as it is (see [errors](errors.md)); nobody there, or nobody with time, is `UNAVAILABLE` with `Retry-After`.',
    table(
      ['subject', 'deadline', 'look-up', 'question', 'answer', 'contract'],
      contracts.map(({ subject, deadlineMs, lookup, question, answer, name }) => [
        code(subject),
        `${deadlineMs / 1000} s`,
        lookup === true ? 'yes' : '',
        code(question),
        code(answer),
        code(name),
      ]),
    ),
    contracts
      .filter(({ comment }) => comment !== '')
      .map(({ subject, comment }) => `- ${code(subject)}: ${comment}`)
      .join('\n'),
    'These subjects are between services of one version and the one before it, and no interface for others; whoever wants to hear of changes subscribes a webhook ([events](events.md)).',
  ]);
}

function isContract(entry: [string, unknown]): entry is [string, Contract] {
  const [, value] = entry;
  return typeof value === 'object' && value !== null && 'subject' in value && 'deadlineMs' in value;
}
