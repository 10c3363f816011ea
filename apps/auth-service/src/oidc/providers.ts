import type { Egress } from '@longshore/service-kit';
import type { OidcSettings } from './oidc-settings.ts';
import { OidcProvider } from './provider.ts';

/** The providers of the configuration, by name. */
export function providersOf(
  { providers, baseUrl }: OidcSettings,
  egress: Egress,
): ReadonlyMap<string, OidcProvider> {
  return new Map(
    providers.map((each) => [
      each.name,
      new OidcProvider(each, baseUrl, (url, request) => egress.fetch(url, request)),
    ]),
  );
}
