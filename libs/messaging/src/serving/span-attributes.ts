/** What the spans of a question tell: the subject, and nothing of the question. */
export function spanAttributes(subject: string): Record<string, string> {
  return { 'messaging.system': 'nats', 'messaging.destination.name': subject };
}
