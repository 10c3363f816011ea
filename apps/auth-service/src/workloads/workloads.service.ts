import { FileKeys, HeldKeys, type Identity, type KeySource, TokenVerifier } from '@longshore/authorization';
import { isKeyUrl } from '@longshore/configuration';
import type { PublicKey } from '@longshore/messaging';
import { OciError, unavailable } from '@longshore/oci';
import { Egress, ServiceLog, workloadIssuer } from '@longshore/service-kit';
import { Injectable } from '@nestjs/common';
import { AuthSettings, type WorkloadProvider } from '../auth-settings.ts';
import { ProviderKeys } from './provider-keys.ts';

/** The identity providers of `auth.workloads`: their keys, for every verifier of the deployment, and their tokens at the token endpoint. */
@Injectable()
export class WorkloadsService {
  readonly #keys: ReadonlyMap<string, KeySource>;
  readonly #verifier: TokenVerifier;

  constructor({ workloads, egress }: AuthSettings, log: ServiceLog) {
    const client = new Egress(egress);
    const sources = workloads.map((provider) => {
      const complain = (error: unknown): void =>
        log.error(error, `the keys of ${provider.name} cannot be fetched; those that are known stay in use`);
      return [provider, new HeldKeys(sourceOf(provider, client), { complain })] as const;
    });
    this.#keys = new Map(sources.map(([{ name }, keys]) => [name, keys]));
    this.#verifier = new TokenVerifier({
      issuers: sources.map(([provider, keys]) => workloadIssuer(provider, keys)),
    });
  }

  /** @throws OciError UNAVAILABLE if the provider never answered */
  async keys(provider: string): Promise<{ keys: PublicKey[]; stale: boolean }> {
    const source = this.#keys.get(provider);
    if (source === undefined)
      throw new OciError('UNSUPPORTED', { reason: 'no such provider is configured here' });
    try {
      const { keys, stale = false } = await source.keys();
      return { keys: keys.map(publicMembers), stale };
    } catch (cause) {
      throw unavailable({ reason: 'the keys of the identity provider cannot be had' }, 5, { cause });
    }
  }

  /** Tells whether a password is a token of one of the providers. */
  isAssertion(password: string): boolean {
    return this.#verifier.isAssertion(password);
  }

  /** @throws OciError UNAUTHORIZED; UNAVAILABLE if its key is unknown and the provider away */
  identify(assertion: string): Promise<Identity> {
    return this.#verifier.verify(assertion);
  }
}

function sourceOf({ issuer, jwks, tokenfile }: WorkloadProvider, egress: Egress): KeySource {
  return jwks === undefined || isKeyUrl(jwks)
    ? new ProviderKeys(egress, { issuer, jwks, tokenfile })
    : new FileKeys({ jwks });
}

/** A set that leaks private keys or has long certificates does not travel on. */
function publicMembers({
  kty = '',
  kid,
  alg,
  use,
  crv,
  x,
  y,
  n,
  e,
}: Awaited<ReturnType<KeySource['keys']>>['keys'][number]): PublicKey {
  const members = Object.entries({ kid, alg, use, crv, x, y, n, e }).filter(
    ([, value]) => typeof value === 'string',
  );
  return { kty, ...Object.fromEntries(members) };
}
