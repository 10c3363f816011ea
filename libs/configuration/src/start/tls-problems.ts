import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Problem } from '../configuration-error.ts';
import type { Configuration } from '../schema.ts';
import { revocationListsIn } from '../values/revocation-lists.ts';
import { contentOf, isContent, isProblem } from './file-content.ts';

type Tls = NonNullable<Configuration['http']['tls']>;

/** Returns the problems of the files of `http.tls`, each with its key. */
export async function tlsProblems(tls: Tls): Promise<readonly Problem[]> {
  const { clientcas } = tls;
  const authorities = await Promise.all(
    clientcas.map((path, index) => contentOf(`http.tls.clientcas.${index}`, path)),
  );
  return [
    ...(await pairProblems(tls)),
    ...authorities.filter(isProblem),
    ...(await revocationProblems(tls)),
    ...authorities
      .filter(isContent)
      .filter(({ text }) => !holdsCertificate(text))
      .map(({ path }) => noCertificate(path)),
  ];
}

/** With letsencrypt there are no files yet. */
async function pairProblems({ certificate, key }: Tls): Promise<readonly Problem[]> {
  if (certificate === undefined || key === undefined) return [];
  const cert = await contentOf('http.tls.certificate', certificate);
  const secret = await contentOf('http.tls.key', key);
  return [
    ...[cert, secret].filter(isProblem),
    ...(isContent(cert) && !holdsCertificate(cert.text) ? [noCertificate(cert.path)] : []),
    ...(isContent(secret) ? keyProblems(secret.text, isContent(cert) ? cert.text : undefined) : []),
  ];
}

async function revocationProblems({ clientcas, clientcrls }: Tls): Promise<readonly Problem[]> {
  if (clientcrls.length > 0 && clientcas.length === 0)
    return [{ path: 'http.tls.clientcrls', message: 'is of no use without http.tls.clientcas' }];
  const lists = await Promise.all(
    clientcrls.map((path, index) => contentOf(`http.tls.clientcrls.${index}`, path)),
  );
  return lists.flatMap((list) => {
    if (isProblem(list)) return [list];
    const found = revocationListsIn(list.text);
    return found.length > 0 && isUsable({ crl: found })
      ? []
      : [{ path: list.path, message: 'names a file without a PEM revocation list' }];
  });
}

const noCertificate = (path: string): Problem => ({
  path,
  message: 'names a file without a PEM certificate',
});

function keyProblems(key: string, cert: string | undefined): readonly Problem[] {
  const path = 'http.tls.key';
  if (!isUsable({ key }))
    return [{ path, message: 'names a file without a PEM private key that needs no password' }];
  return cert !== undefined && holdsCertificate(cert) && !isUsable({ key, cert })
    ? [{ path, message: 'names a private key that does not belong to http.tls.certificate, or is too weak' }]
    : [];
}

function isUsable(options: SecureContextOptions): boolean {
  try {
    createSecureContext(options);
    return true;
  } catch {
    return false; // OpenSSL's message names none of our keys.
  }
}

function holdsCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false; // As above.
  }
}
