/** Returns the attributes of a question's spans: the subject, without any content of the question. */
export function spanAttributes(subject: string): Record<string, string> {
  return { 'messaging.system': 'nats', 'messaging.destination.name': subject };
}
