import type { CreateDriver } from '@longshore/storage';
import { parseParameters } from './parameters.ts';
import { SqliteDriver } from './sqlite-driver.ts';

/** The registry calls this once, with the parameters below the driver's name in the configuration. */
export const createDriver: CreateDriver = (parameters) => new SqliteDriver(parseParameters(parameters));

export { SqliteDriver } from './sqlite-driver.ts';
export type { SqliteParameters } from './parameters.ts';
