import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventActions } from '@longshore/configuration';
import { describe, expect, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const sourcesOf = (pattern: string): string =>
  globSync(pattern, { cwd: root })
    .map((file) => readFileSync(`${root}/${file}`, 'utf8'))
    .join('\n');

// `notifications.endpoints[].ignore.actions` and the type of an event read the same list.
describe('every action of an event', () => {
  const raised = sourcesOf('apps/*/src/**/*-events.ts');
  const received = sourcesOf('e2e/src/notifications/*.e2e.ts');

  it.each(eventActions)('%s is raised by a service', (action) => {
    expect(raised).toContain(`'${action}'`);
  });

  it.each(eventActions)('%s is received by a webhook of the end-to-end suite', (action) => {
    expect(received).toContain(`'${action}'`);
  });
});
