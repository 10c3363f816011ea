import type { IncomingMessage } from 'node:http';
import type { ManagementCall } from '@longshore/messaging';
import { type ManagementRouteId, OciError } from '@longshore/oci';
import type { exchangeOf } from '@longshore/service-kit';
import type { FastifyRequest } from 'fastify';
import { readBody } from '../read-body.ts';
import { queryOf } from '../read-form.ts';

export type ManagementRequest = FastifyRequest<{ Params: Readonly<Record<string, string>> }>;

/** Bytes. The largest input is a rule with its condition. */
const bodyBytes = 64 * 1024;
/** Milliseconds for the whole body. */
const patience = 10_000;
const json = /^application\/(?:merge-patch\+)?json[\t ]*(?:;|$)/i;
const withBody: readonly string[] = ['POST', 'PATCH', 'PUT'];

/** Reads a request to the management API. @throws OciError UNSUPPORTED (400, 408, 415), SIZE_INVALID (413) */
export async function managementCallOf(
  route: ManagementRouteId,
  { method, params, raw }: ManagementRequest,
  { client, identity }: ReturnType<typeof exchangeOf>,
): Promise<ManagementCall> {
  const { address, userAgent, scheme, host, requestId } = client;
  return {
    route,
    method,
    path: params,
    query: [...queryOf(raw)],
    body: withBody.includes(method) ? await readJson(raw, method) : '',
    client: { address, userAgent, scheme, host },
    requestId,
    ...(identity !== undefined && { identity }),
  };
}

/**
 * Reads a body of JSON as text. The type is demanded of each POST, also of one with an empty body: no page of another site can send it without asking
 * first (CORS), whatever credentials the browser would add.
 */
async function readJson(request: IncomingMessage, method: string): Promise<string> {
  const { 'content-type': type, 'content-length': length, 'transfer-encoding': coding } = request.headers;
  const isEmpty = coding === undefined && Number(length ?? 0) === 0;
  if (isEmpty && method !== 'POST') return '';
  if (!json.test(type ?? ''))
    throw new OciError('UNSUPPORTED', { reason: 'the body must be application/json' }, { status: 415 });
  const body = await readBody(request, { limit: bodyBytes, within: patience, what: 'the body' });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw new OciError('UNSUPPORTED', { reason: 'the body is no UTF-8' }, { status: 400, cause });
  }
}
