import { ociErrors, type OciErrorCode } from '@longshore/oci';
import type { TokenAnswer } from '@longshore/messaging';

/** Errors of RFC 6749, section 5.2, with the status and the code that registry clients know. */
const kinds = {
  invalid_request: { status: 400, code: 'UNSUPPORTED' },
  unsupported_grant_type: { status: 400, code: 'UNSUPPORTED' },
  invalid_grant: { status: 401, code: 'UNAUTHORIZED' },
  not_found: { status: 404, code: 'NOT_FOUND' },
} as const satisfies Record<string, { status: number; code: OciErrorCode }>;

/** A refused token request. The description is for people and contains nothing of the request. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly kind: keyof typeof kinds;

  constructor(kind: keyof typeof kinds, description: string, options?: ErrorOptions) {
    super(description, options);
    this.kind = kind;
  }

  /** Makes one document for two kinds of clients: OAuth 2 clients read `error`, registry clients read `errors`. */
  answer(challenge: string): TokenAnswer {
    const { status, code } = kinds[this.kind];
    const body = {
      errors: [{ code, message: ociErrors[code].message, detail: this.message }],
      error: this.kind,
      error_description: this.message,
    };
    return jsonAnswer(status, body, status === 401 ? { 'www-authenticate': challenge } : {});
  }
}

/** Returns a JSON answer that forbids caching: tokens and errors are for one client at one time. */
export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): TokenAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}
