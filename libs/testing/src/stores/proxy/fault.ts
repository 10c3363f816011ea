import type { IncomingHttpHeaders } from 'node:http';

export interface ProxiedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * - `answer`: the client gets this answer and the store never sees the request; `early`: before the body has been read
 * - `reset`: the connection breaks before the store sees the request
 * - `silence`: the request is neither read nor answered
 * - `loseAnswer`: the store carries out the request, then the connection breaks
 * - `cutAnswer`: the connection breaks after `after` bytes of the answer's body
 * - `cutRequest`: the connection breaks after `after` bytes of the request's body, which reach the store
 * - `stallAnswer`, `stallRequest`: `after` bytes of the body pass, then nothing
 * - `shortenAnswer`: the answer announces and has only `after` bytes, and looks complete
 * - `forgeCredentials`: the store gets another signature, token or password
 *
 * A body that is not longer than `after` is left alone.
 */
export type Fault =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
      readonly early?: true;
    }
  | { readonly kind: 'reset' | 'silence' | 'loseAnswer' | 'forgeCredentials' }
  | {
      readonly kind: 'cutAnswer' | 'cutRequest' | 'stallAnswer' | 'stallRequest' | 'shortenAnswer';
      readonly after: number;
    };
