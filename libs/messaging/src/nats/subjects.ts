import type { BusService } from '../bus-services.ts';

export const questionSubject = (subject: string): string => `longshore.${subject}`;

/** Those who serve a subject hear on this one which questions were given up: `<reply subject> <index>`. */
export const cancelSubject = (subject: string): string => `longshore-cancel.${subject}`;

/** Where the answers to a service's questions arrive. No other service may listen there, so none overhears another's answers. */
export const inboxPrefix = (service: string): string => `_INBOX_${service}`;

/** Where one service answers another. No third service may publish there, so none forges an answer. */
export const answerPrefix = (asker: string, server: string): string => `${inboxPrefix(asker)}.${server}`;

/** Whether a reply subject is in the branch of a service below somebody's inbox. */
export const isAnswerSubject = (reply: string, server: string): boolean =>
  reply.startsWith('_INBOX_') && reply.split('.')[1] === server;

export const streamName = 'LONGSHORE_EVENTS';
export const streamSubject = 'longshore-events.registry';

/** The service that publishes the events of the outbox and consumes them. Its name is also that of the durable consumer. */
export const eventService = 'notifier' satisfies BusService;
