/** Returns the attributes of a question's spans: the subject, without any content of the question. */
export function spanAttributes(system: 'nats' | 'in_process', subject: string): Record<string, string> {
  return { 'messaging.system': system, 'messaging.destination.name': subject };
}
