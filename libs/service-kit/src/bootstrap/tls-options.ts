import { readFile } from 'node:fs/promises';
import type { ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { type Configuration, opensslCipherName, revocationListsIn } from '@longshore/configuration';
import { AcmeFolder } from '../acme/acme-folder.ts';
import type { ServiceLog } from '../observation/service-log.ts';
import { type Admission, CertifiedClients } from './certified-clients.ts';

/** The files and rules of `http.tls` for a listener. */
export type TlsSettings = Partial<NonNullable<Configuration['http']['tls']>>;

export interface TlsListener {
  readonly options: ServerOptions;
  /** Reads the options from the current files. @throws Error if one cannot be read */
  readonly read: () => Promise<ServerOptions>;
  /** Decides who may continue after the handshake: Node's options cover only two of distribution's modes. */
  readonly clients: CertifiedClients;
}

/** distribution's default suites: forward secrecy and authenticated encryption, no CBC and no RSA key exchange. */
const defaultSuites = [
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_256_GCM_SHA384',
];

/** Translates distribution's `http.tls` into Node's options. Undefined without `http.tls`: the listener speaks plain HTTP. */
export async function tlsListener(
  settings: TlsSettings | undefined,
  log?: Pick<ServiceLog, 'warn'>,
): Promise<TlsListener | undefined> {
  const pair = settings === undefined ? undefined : pairOf(settings);
  if (settings === undefined || pair === undefined) return undefined;
  const { clientcas = [], clientcrls = [] } = settings;
  // As in distribution, no client certificate is requested without an authority.
  const mode = clientcas.length === 0 ? 'none' : (settings.clientauth ?? strictest);
  const read = async (): Promise<ServerOptions> => ({
    ...(await pair()),
    ...(clientcas.length === 0 ? {} : { ca: await Promise.all(clientcas.map((path) => readFile(path))) }),
    ...(clientcrls.length === 0 ? {} : { crl: await revocationLists(clientcrls) }),
    ...protocol(settings),
    requestCert: mode !== 'none',
    // Node only notes whether the certificate is valid. CertifiedClients refuse it, and the log says why.
    rejectUnauthorized: false,
  });
  return { options: await read(), read, clients: new CertifiedClients(admission(mode), log) };
}

/** Returns the reader of certificate and key. */
function pairOf({ certificate, key, letsencrypt }: TlsSettings): (() => Promise<ServerOptions>) | undefined {
  if (letsencrypt !== undefined) {
    const folder = new AcmeFolder(letsencrypt.cachefile);
    return async () => {
      const pem = await folder.certificate();
      // Handshakes fail until the first one is there.
      return pem === undefined ? {} : { cert: pem, key: pem };
    };
  }
  if (certificate === undefined || key === undefined) return undefined;
  return async () => ({ cert: await readFile(certificate), key: await readFile(key) });
}

async function revocationLists(paths: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    paths.map(async (path) => {
      const found = revocationListsIn(await readFile(path, 'utf8'));
      if (found.length === 0) throw new Error(`${path} has no PEM revocation list`);
      return found;
    }),
  );
  return lists.flat();
}

function protocol({ minimumtls, ciphersuites = [] }: TlsSettings): ServerOptions {
  const suites = ciphersuites.length === 0 ? defaultSuites : ciphersuites;
  return {
    minVersion: minimumtls === 'tls1.3' ? 'TLSv1.3' : 'TLSv1.2',
    ciphers: suites.map(opensslCipherName).join(':'),
  };
}

const strictest = 'require-and-verify-client-cert';

/** Go's five values of `tls.ClientAuthType`. */
function admission(mode: string): Admission {
  switch (mode) {
    case 'none':
    case 'request-client-cert':
      return () => true;
    case 'require-any-client-cert':
      return isGiven;
    case 'verify-client-cert-if-given':
      return (client) => client.authorized || !isGiven(client);
    default:
      return (client) => client.authorized;
  }
}

function isGiven(client: TLSSocket): boolean {
  return client.getPeerX509Certificate() !== undefined;
}
