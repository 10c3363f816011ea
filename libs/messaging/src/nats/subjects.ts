import type { BusService } from '../bus-services.ts';

export const questionSubject = (subject: string): string => `longshore.${subject}`;

/** The subject on which the servers of `subject` learn of cancelled questions: `<reply subject> <index>`. */
export const cancelSubject = (subject: string): string => `longshore-cancel.${subject}`;

/** Prefix of the subjects where a service receives answers. No other service may subscribe there, so none can read them. */
export const inboxPrefix = (service: string): string => `_INBOX_${service}`;

/** Prefix of the subjects where one service answers another. No third service may publish there, so none can forge an answer. */
export const answerPrefix = (asker: string, server: string): string => `${inboxPrefix(asker)}.${server}`;

/** Tells whether a reply subject lies in the server's branch of an asker's inbox. */
export const isAnswerSubject = (reply: string, server: string): boolean =>
  reply.startsWith('_INBOX_') && reply.split('.')[1] === server;

export const streamName = 'LONGSHORE_EVENTS';
export const streamSubject = 'longshore-events.registry';

/** The service that publishes the events of the outbox and consumes them. The durable consumer has the same name. */
export const eventService = 'notifier' satisfies BusService;
