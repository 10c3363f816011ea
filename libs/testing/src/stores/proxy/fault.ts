import type { IncomingHttpHeaders } from 'node:http';

export interface ProxiedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * - `answer`: the store never sees the request, the client gets this; `early`: before its body has been read
 * - `reset`: the connection breaks before the store sees the request
 * - `silence`: nobody reads the request, and nobody answers
 * - `loseAnswer`: the store does as it is asked, then the connection breaks
 * - `cutAnswer`: the connection breaks after so many bytes of the answer's body
 * - `cutRequest`: the connection breaks after so many bytes of the request's body, which reach the store
 * - `stallAnswer`, `stallRequest`: so many bytes of the body come, then silence
 * - `shortenAnswer`: the answer announces and has no more than so many bytes, and looks whole
 * - `forgeCredentials`: the store gets another signature, token or password
 *
 * A body that is no longer than `after` is left alone.
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
