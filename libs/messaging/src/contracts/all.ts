import type { Request } from '../request.ts';
import * as exported from './index.ts';

export type Contract = Request<unknown, unknown>;

/** Every contract on the bus, by its name in the code. */
export const contracts: ReadonlyMap<string, Contract> = new Map(
  Object.entries<unknown>(exported).filter(isContract),
);

function isContract(entry: [string, unknown]): entry is [string, Contract] {
  const [, value] = entry;
  return typeof value === 'object' && value !== null && 'subject' in value && 'servedBy' in value;
}
