import type { BusService } from '../bus-services.ts';
import { contracts } from '../contracts/all.ts';
import {
  answerPrefix,
  cancelSubject,
  eventService,
  inboxPrefix,
  questionSubject,
  streamName,
  streamSubject,
} from './subjects.ts';

/** The permissions of one service, in the terms of NATS's configuration. NATS refuses everything else. */
export interface Permissions {
  readonly publish: readonly string[];
  /** `<subject> <queue>` if only members of that queue group may subscribe. */
  readonly subscribe: readonly string[];
}

/** Derives the permissions from the contracts: which service serves a subject, and which services ask it. */
export function permissionsOf(service: BusService): Permissions {
  const all = [...contracts.values()];
  const asked = all.filter(({ askedBy }) => askedBy.includes(service));
  const served = all.filter(({ servedBy }) => servedBy === service);
  const askers = new Set(served.flatMap(({ askedBy }) => askedBy));
  const events = service === eventService ? eventPublications() : [];
  return {
    publish: [
      ...asked.flatMap(({ subject }) => [questionSubject(subject), cancelSubject(subject)]),
      ...[...askers].map((asker) => `${answerPrefix(asker, service)}.>`),
      ...events,
    ].toSorted(),
    subscribe: [
      ...served.flatMap(({ subject }) => [`${questionSubject(subject)} ${subject}`, cancelSubject(subject)]),
      `${inboxPrefix(service)}.>`,
    ].toSorted(),
  };
}

/** The subjects of events, and the part of JetStream's API that manages and reads one stream with one consumer. */
function eventPublications(): string[] {
  const consumer = `${streamName}.${eventService}`;
  return [
    streamSubject,
    '$JS.API.INFO',
    `$JS.API.STREAM.CREATE.${streamName}`,
    `$JS.API.STREAM.UPDATE.${streamName}`,
    `$JS.API.CONSUMER.CREATE.${consumer}`,
    `$JS.API.CONSUMER.INFO.${consumer}`,
    `$JS.API.CONSUMER.MSG.NEXT.${consumer}`,
    `$JS.ACK.${consumer}.>`,
  ];
}
