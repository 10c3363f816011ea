import { formatReference } from '@longshore/oci';
import type { RegistryRequest } from '@longshore/service-kit';

/** Returns the repository and reference of a matched manifest route, as text for the bus. */
export function addressed({ match }: RegistryRequest): { repository: string; reference: string } {
  if (match.name === undefined || match.reference === undefined)
    throw new Error(`the route ${match.id} has no reference`);
  return { repository: match.name, reference: formatReference(match.reference) };
}
