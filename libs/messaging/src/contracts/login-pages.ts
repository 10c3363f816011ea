import type { Identity } from '@longshore/authorization';
import { defineRequest } from '../request.ts';

/** A request to one of the pages and endpoints of login by OpenID Connect, without HTTP. */
export interface PageCall {
  readonly page:
    | 'login'
    | 'login-start'
    | 'login-callback'
    | 'access-tokens'
    | 'logout'
    | 'back-channel-logout'
    | 'device'
    | 'device-code'
    | 'device-token'
    | 'device-revoke';
  readonly method: 'GET' | 'POST';
  /** The name of the provider in the path. */
  readonly provider?: string;
  /** Parameters of the query (GET) or form (POST), in order. A name may repeat. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** The header Cookie. */
  readonly cookie?: string;
  /** The header Origin. */
  readonly origin?: string;
  readonly userAgent: string;
  /** The client's address. */
  readonly address: string;
}

export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Values of Set-Cookie. */
  readonly cookies: readonly string[];
  readonly body: string;
  /** The person who made the request, for the access log and the audit log. Absent if the request proved nobody. */
  readonly identity?: Identity;
}

/** Answers a page. The provider may take its time: a callback asks it up to four times. */
export const answerPage = defineRequest<PageCall, PageAnswer>({
  subject: 'auth.page',
  servedBy: 'auth-service',
  askedBy: ['api-gateway'],
  deadlineMs: 30_000,
  confidential: true,
});
