import { z } from 'zod';
import { leaf } from './facts.ts';
import { defaulting, list, section } from './groups.ts';
import { flag } from './scalars.ts';

/** A key that is accepted without effect. The file of a distribution registry needs no edit, and its owner is told. */
export const ignored = (reason: string) =>
  leaf(z.unknown(), {
    description: `Accepted and ignored: ${reason}.`,
    type: 'any',
    ignored: reason,
  }).optional();

/** Entries that are accepted only while switched off, and then have no effect. Published files contain them in this state. */
export const inactive = (reason: string, keys: z.ZodRawShape) => {
  const off = defaulting(
    flag('Must be true.').refine(
      (isOff) => isOff,
      `is not supported: ${reason}; remove the entry, or set disabled: true`,
    ),
    'false',
  );
  const entry = section('An entry.', { ...keys, disabled: off }, { idle: reason });
  return list(`Not supported: ${reason}. Entries with disabled: true are accepted.`, entry).optional();
};

/** A key that is refused by name. A setting that cannot be honoured stops the process, rather than being silently ignored. */
export const refused = (reason: string) => {
  const schema = z.unknown().superRefine((value, context) => {
    if (value !== undefined) context.addIssue({ code: 'custom', message: `is not supported: ${reason}` });
  });
  return leaf(schema, {
    description: `Not supported: ${reason}.`,
    type: 'refused',
    refused: reason,
  }).optional();
};
