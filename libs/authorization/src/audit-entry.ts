/** One entry of the audit log: who did what, from where, and what came of it. Nothing in it is secret. */
export interface AuditEntry {
  /** A UUID. An entry that arrives twice is written once. */
  readonly id: string;
  /** Milliseconds since 1970: the end of the request. */
  readonly at: number;
  /** A route's id, or the name of a management operation. */
  readonly action: string;
  /** `denied`: the client was not admitted. `failed`: it was, and the request came to nothing. */
  readonly outcome: 'done' | 'denied' | 'failed';
  /** Status of the answer; 499 if the client did not wait for it. */
  readonly status?: number;
  /** Code of the refusal. */
  readonly code?: string;
  /** The kind of an Identity, or `unproved` for a name that the client claimed without proof. */
  readonly actorKind: string;
  /** Empty for a client without a name. */
  readonly actor: string;
  /** Kind of the credential; CredentialFacts. */
  readonly credentialKind: string;
  readonly credentialId?: string;
  readonly repository?: string;
  /** A tag or digest. */
  readonly reference?: string;
  readonly address: string;
  readonly userAgent: string;
  readonly requestId: string;
  /** The service that wrote the entry. */
  readonly service: string;
  /** Requests that the entry stands for. Above 1 for denied requests of one address that came too fast for an entry each. */
  readonly times: number;
  /** The changed object before and after the change, without secrets. */
  readonly before?: unknown;
  readonly after?: unknown;
}
