import type { X509Certificate } from 'node:crypto';
import type { Identity } from '../identity.ts';
import { type CertificateNames, namesIn } from './certificate-names.ts';

/** The part of a certificate that a rule reads. */
export type NameSource = 'commonname' | 'subject' | 'dns' | 'email' | 'uri' | 'spiffe';

/** A rule of `auth.certificate.accounts`. */
export interface AccountRule {
  readonly from: NameSource;
  /** The name. `*` stands for one whole part of it, between dots (dns), slashes (uri, spiffe) or around the @ (email). Default: any name. */
  readonly match?: string | undefined;
  /** The account. Default: the name itself. */
  readonly account?: string | undefined;
  readonly kind: 'user' | 'workload';
}

/** The account that a client's certificate names. It travels from the gateway to blob-service in the gateway's seal. */
export interface CertifiedAccount {
  readonly kind: 'user' | 'workload';
  readonly subject: string;
  /** The certificate's serial number in hexadecimal digits. */
  readonly serial: string;
  /** The subject of the authority that signed it. */
  readonly issuer: string;
}

/** Names the accounts of certificates by rules. The first rule that fits decides; names are compared exactly. */
export class CertificateAccounts {
  readonly #rules: readonly AccountRule[];

  constructor(rules: readonly AccountRule[]) {
    this.#rules = rules;
  }

  /** @param certificate one that was verified: nothing is checked here @returns undefined if no rule fits */
  accountOf(certificate: X509Certificate): CertifiedAccount | undefined {
    const names = namesIn(certificate);
    const { serialNumber: serial, issuer } = certificate;
    for (const { from, match, account, kind } of this.#rules) {
      const name = valuesOf(names, from).find(
        (value) => isName(value) && fits(value, match, separators[from]),
      );
      if (name !== undefined)
        return { kind, subject: account ?? name, serial, issuer: issuer.replaceAll('\n', ',') };
    }
    return undefined;
  }
}

/** Returns the identity that a certificate proved. */
export function certified({ kind, subject, serial, issuer }: CertifiedAccount): Identity {
  return { kind, subject, groups: [], claims: {}, credential: { kind: 'certificate', id: serial, issuer } };
}

function valuesOf({ commonName, ...names }: CertificateNames, from: NameSource): readonly string[] {
  const value = from === 'commonname' ? commonName : names[from];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

const separators: Readonly<Record<NameSource, string | undefined>> = {
  commonname: undefined,
  subject: undefined,
  dns: '.',
  email: '@',
  uri: '/',
  spiffe: '/',
};

/** A name that can be an account's: nothing that a log or a header could misread. */
function isName(value: string): boolean {
  return value.length <= 2048 && /^[^\p{Cc}\p{Cf}\s](?:[^\p{Cc}\p{Cf}]*[^\p{Cc}\p{Cf}\s])?$/u.test(value);
}

function fits(value: string, match: string | undefined, separator: string | undefined): boolean {
  if (match === undefined || value === match) return true;
  if (separator === undefined) return false;
  const [parts, wanted] = [value.split(separator), match.split(separator)];
  return (
    parts.length === wanted.length &&
    wanted.every((want, index) => want === parts[index] || (want === '*' && parts[index] !== ''))
  );
}
