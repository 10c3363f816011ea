import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Paths of a certificate and its key. */
interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];

/**
 * Creates a self-signed certificate with the common name `name`: `<name>.crt` and `<name>.key` in the folder. Needs `openssl`, whose complaint is in
 * the error. @param subjectAltName as openssl writes it, such as `DNS:registry.example`
 */
export function selfSigned(folder: string, name: string, subjectAltName?: string): CertificateFiles {
  const [certificate, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const names = subjectAltName === undefined ? [] : ['-addext', `subjectAltName=${subjectAltName}`];
  const files = ['-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', ...options, '-subj', `/CN=${name}`, ...names, ...files], {
    stdio: 'pipe',
  });
  return { certificate, key };
}
