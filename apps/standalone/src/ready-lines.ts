import type { Configuration } from '@longshore/configuration';
import type { Parameters } from '@longshore/service-kit';

/** Names the sources of configuration and state, so that a wrong or missing file is noticed at once. */
export function sourceLines({ config }: Pick<Parameters, 'config'>, home: string): string[] {
  const file = config ?? process.env['REGISTRY_CONFIGURATION_PATH'];
  const variables = Object.keys(process.env).filter(
    (name) => name.startsWith('REGISTRY_') && name !== 'REGISTRY_CONFIGURATION_PATH',
  );
  const source = file === undefined || file === '' ? 'defaults (no --config FILE)' : file;
  const besides = variables.length === 0 ? '' : `, and ${variables.toSorted().join(', ')}`;
  return [`configuration: ${source}${besides}`, `home: ${home}`];
}

/** Describes access control. The log warns of an open registry that other machines reach. */
export function accessLines({ auth }: Pick<Configuration, 'auth'>): string[] {
  if (auth === undefined) return ['access: open, everybody who reaches it may pull, push and delete'];
  const accounts = auth.htpasswd === undefined ? [] : [`accounts of ${auth.htpasswd.path}`];
  return [`access: ${[...accounts, tokensOf(auth)].join(', ')}`];
}

function tokensOf({ token }: NonNullable<Configuration['auth']>): string {
  if (token === undefined) return 'by Basic';
  return token.jwks === undefined && token.rootcertbundle === undefined
    ? 'by Basic and by tokens'
    : `by tokens of ${token.issuer}`;
}

/** Returns the address as a client on this machine writes it. */
export function localName(address: string): string {
  return address.replace(/^(?:127\.0\.0\.1|0\.0\.0\.0|\[::\])?:/, 'localhost:');
}
