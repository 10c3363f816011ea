import type { StorageErrorKind } from '@longshore/storage';

/** The meaning of a code of a store, or of Node, and the parameters to check. */
export type Meaning = readonly [kind: StorageErrorKind, lookAt?: string];

/** Error codes of the connection to a store (names, connections, certificates), as Node and OpenSSL spell them. */
export function meaningsOnTheWay({
  endpoint,
  trust,
}: {
  /** The parameters that name the store's address and the trusted certificates. */
  readonly endpoint: string;
  readonly trust: string;
}): Readonly<Record<string, Meaning>> {
  return {
    ENOTFOUND: ['unavailable', endpoint],
    EAI_AGAIN: ['unavailable', endpoint],
    ECONNREFUSED: ['unavailable', endpoint],
    EPROTO: ['denied', endpoint],
    ERR_SSL_WRONG_VERSION_NUMBER: ['denied', endpoint],
    CERT_HAS_EXPIRED: ['denied', trust],
    DEPTH_ZERO_SELF_SIGNED_CERT: ['denied', trust],
    SELF_SIGNED_CERT_IN_CHAIN: ['denied', trust],
    UNABLE_TO_GET_ISSUER_CERT: ['denied', trust],
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['denied', trust],
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['denied', trust],
    ERR_TLS_CERT_ALTNAME_INVALID: ['denied', trust],
  };
}
