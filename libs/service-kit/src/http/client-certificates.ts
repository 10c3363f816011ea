import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { CertificateAccounts, CertifiedAccount } from '@longshore/authorization';

interface Known {
  readonly account: CertifiedAccount;
  /** Milliseconds since 1970: the end of the certificate. */
  readonly until: number;
}

/** Names the accounts of clients with a certificate that OpenSSL has verified. A certificate is read once for each connection. */
export class ClientCertificates {
  readonly #known = new WeakMap<Socket, Known | 'nobody'>();

  constructor(private readonly accounts: Pick<CertificateAccounts, 'accountOf'>) {}

  /** @returns undefined without a certificate, after its end, if it was not verified (`request-client-cert` takes any), and if no rule names it */
  accountOf(socket: Socket): CertifiedAccount | undefined {
    let known = this.#known.get(socket);
    if (known === undefined) {
      known = this.#read(socket);
      this.#known.set(socket, known);
    }
    return known === 'nobody' || known.until <= Date.now() ? undefined : known.account;
  }

  #read(socket: Socket): Known | 'nobody' {
    if (!(socket instanceof TLSSocket) || !socket.authorized) return 'nobody';
    const certificate = socket.getPeerX509Certificate();
    const account = certificate === undefined ? undefined : this.accounts.accountOf(certificate);
    return certificate === undefined || account === undefined
      ? 'nobody'
      : { account, until: certificate.validToDate.getTime() };
  }
}
