import { catalogue, type DriverName } from '@longshore/stores/catalogue';
import type { z } from 'zod';

type Sections = { [Name in DriverName]: z.ZodOptional<(typeof catalogue)[Name]['fields']> };

/** A section for each driver of the registry. All are optional. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.fromEntries forgets which value belongs to which key.
export const driverSections = Object.fromEntries(
  Object.entries(catalogue).map(([name, { fields }]) => [name, fields.optional()]),
) as Sections;
