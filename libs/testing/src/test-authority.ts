import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its key. */
export interface TestCertificate {
  /** Paths of the PEM files. */
  readonly certificate: string;
  readonly key: string;
  readonly cert: Buffer;
  readonly x509: X509Certificate;
  readonly secret: Buffer;
}

export interface CertificateOptions {
  /** The subject as `openssl req -subj` takes it: `/CN=ann`. */
  readonly subject?: string;
  /** As OpenSSL writes them: `DNS:a.example`, `IP:127.0.0.1`, `URI:spiffe://example/x`, `email:a@b.example`. */
  readonly names?: readonly string[];
  readonly kind?: 'ec' | 'rsa';
}

/** An authority that signs certificates for tests, and revokes them. Needs `openssl`. */
export class TestAuthority {
  readonly folder = mkdtempSync(join(tmpdir(), 'longshore-authority-'));
  /** Path of the authority's own certificate. */
  readonly certificate: string;
  readonly #configuration: string;
  #count = 0;

  constructor(name = 'authority') {
    this.certificate = this.#path('ca.crt');
    this.#configuration = this.#path('ca.cnf');
    this.#openssl([...request('ec'), '-x509', '-days', '2', '-subj', `/CN=${name}`, ...out('ca')]);
    writeFileSync(this.#path('index.txt'), '');
    writeFileSync(
      this.#configuration,
      `[ca]\ndefault_ca=own\n[own]\ndatabase=${this.#path('index.txt')}\ndefault_md=sha256\n`,
    );
  }

  /** Signs a certificate for servers and clients, valid for two days. */
  issue({ subject = '/CN=test', names = [], kind = 'ec' }: CertificateOptions = {}): TestCertificate {
    this.#count += 1;
    const name = `issued-${this.#count}`;
    this.#openssl([...request(kind), '-subj', subject, '-keyout', `${name}.key`, '-out', `${name}.csr`]);
    const lines = ['basicConstraints=CA:FALSE', 'extendedKeyUsage=serverAuth,clientAuth'];
    if (names.length > 0)
      lines.push('subjectAltName=@names', '[names]', ...names.map((text, index) => numbered(text, index)));
    writeFileSync(this.#path(`${name}.ext`), `${lines.join('\n')}\n`);
    const signer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`];
    this.#openssl(['x509', '-req', '-in', `${name}.csr`, '-days', '2', ...signer, '-out', `${name}.crt`]);
    const [certificate, key] = [this.#path(`${name}.crt`), this.#path(`${name}.key`)];
    const cert = readFileSync(certificate);
    return { certificate, key, cert, x509: new X509Certificate(cert), secret: readFileSync(key) };
  }

  revoke({ certificate }: TestCertificate): void {
    this.#ca(['-revoke', certificate]);
  }

  /** Returns the PEM revocation list. @param seconds its life */
  revocationList(seconds = 86_400): string {
    this.#ca(['-gencrl', '-crlsec', String(seconds), '-out', this.#path('ca.crl')]);
    return readFileSync(this.#path('ca.crl'), 'utf8');
  }

  /** The authority's own certificate. */
  get pem(): Buffer {
    return readFileSync(this.certificate);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #ca(parameters: readonly string[]): void {
    this.#openssl([
      'ca',
      '-config',
      this.#configuration,
      '-cert',
      'ca.crt',
      '-keyfile',
      'ca.key',
      ...parameters,
    ]);
  }

  #openssl(parameters: readonly string[]): void {
    execFileSync('openssl', parameters, { cwd: this.folder, stdio: 'ignore' });
  }

  #path(name: string): string {
    return join(this.folder, name);
  }
}

/** A section takes values with commas, which the short form does not. */
function numbered(name: string, index: number): string {
  return name.replace(/^(\w+):/, `$1.${index}=`);
}

function request(kind: 'ec' | 'rsa'): readonly string[] {
  const key = kind === 'rsa' ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  return ['req', '-newkey', ...key, '-nodes'];
}

const out = (name: string): readonly string[] => ['-keyout', `${name}.key`, '-out', `${name}.crt`];
