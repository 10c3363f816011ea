import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { busServices } from '../bus-services.ts';
import { contracts } from '../contracts/all.ts';
import { permissionsOf } from './permissions.ts';
import { passwordVariable, serverConfiguration } from './server-configuration.ts';

const folder = new URL('../contracts/', import.meta.url);

const publishers = (subject: string) =>
  busServices.filter((service) => permissionsOf(service).publish.includes(subject));
const subscribers = (subject: string) =>
  busServices.filter((service) => permissionsOf(service).subscribe.includes(subject));

/** Lists the names of the contracts in a file. */
const namesIn = (file: string) =>
  Array.from(
    readFileSync(new URL(file, folder), 'utf8').matchAll(/^export const (\w+) = defineRequest</gm),
    ([, name = '']) => name,
  );

describe('permissionsOf', () => {
  it('knows every contract that is written in libs/messaging/src/contracts', () => {
    const written = readdirSync(folder)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
      .flatMap(namesIn);
    expect(new Set(contracts.keys())).toEqual(new Set(written));
    expect(written.length).toBeGreaterThan(5);
  });

  it.each([...contracts.values()])(
    'lets $servedBy alone answer $subject, and $askedBy alone ask it',
    ({ subject, servedBy, askedBy }) => {
      expect(subscribers(`longshore.${subject} ${subject}`)).toEqual([servedBy]);
      expect(subscribers(`longshore-cancel.${subject}`)).toEqual([servedBy]);
      expect(publishers(`longshore.${subject}`)).toEqual(askedBy);
      expect(publishers(`longshore-cancel.${subject}`)).toEqual(askedBy);
      for (const asker of askedBy) {
        expect(publishers(`_INBOX_${asker}.${servedBy}.>`)).toEqual([servedBy]);
        expect(subscribers(`_INBOX_${asker}.>`)).toEqual([asker]);
      }
    },
  );

  it('grants wildcards only over the own inbox, answers and acknowledgements', () => {
    for (const service of busServices) {
      const { publish, subscribe } = permissionsOf(service);
      const wide = [...publish, ...subscribe].filter((subject) => /[*>]/.test(subject));
      const allowed = [`_INBOX_${service}.>`, `$JS.ACK.LONGSHORE_EVENTS.${service}.>`];
      expect(
        wide.filter((subject) => !allowed.includes(subject) && !subject.includes(`.${service}.>`)),
      ).toEqual([]);
    }
  });

  it('gives only the notifier access to the event stream', () => {
    const touching = busServices.filter((service) =>
      permissionsOf(service).publish.some((subject) => /^\$JS|^longshore-events/.test(subject)),
    );
    expect(touching).toEqual(['notifier']);
  });
});

describe('serverConfiguration', () => {
  it('has a user for each service and holds no password', () => {
    const text = serverConfiguration();
    for (const service of busServices)
      expect(text).toContain(`user: ${service}\n      password: $${passwordVariable(service)}\n`);
    expect(text.match(/password: [^$]/)).toBeNull();
  });
});
