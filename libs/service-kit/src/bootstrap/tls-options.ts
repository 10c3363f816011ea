import { readFile } from 'node:fs/promises';
import type { ServerOptions } from 'node:https';

export interface TlsSettings {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly clientcas?: readonly string[] | undefined;
  readonly clientauth?: string | undefined;
  readonly minimumtls?: string | undefined;
  readonly ciphersuites?: readonly string[] | undefined;
}

function protocol({ minimumtls, ciphersuites = [] }: TlsSettings): ServerOptions {
  const minVersion = minimumtls === 'tls1.3' ? 'TLSv1.3' : 'TLSv1.2';
  return ciphersuites.length === 0 ? { minVersion } : { minVersion, ciphers: ciphersuites.join(':') };
}

/** Node's options of distribution's `http.tls`. Undefined without a certificate: the listener speaks plain HTTP. */
export async function tlsOptions(settings: TlsSettings | undefined): Promise<ServerOptions | undefined> {
  if (settings?.certificate === undefined || settings.key === undefined) return undefined;
  const [cert, key, ...ca] = await Promise.all(
    [settings.certificate, settings.key, ...(settings.clientcas ?? [])].map((path) => readFile(path)),
  );
  // clientauth has a default; without an authority there is nothing to verify a client by.
  const verify =
    ca.length > 0 || settings.clientauth === 'request-client-cert' ? settings.clientauth : undefined;
  return {
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(ca.length === 0 ? {} : { ca }),
    ...protocol(settings),
    requestCert: verify !== undefined,
    rejectUnauthorized: verify === 'require-and-verify-client-cert',
  };
}
