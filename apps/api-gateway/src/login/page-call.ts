import type { PageCall } from '@longshore/messaging';
import type { ClientFacts } from '@longshore/service-kit';
import type { FastifyRequest } from 'fastify';
import { queryOf, readForm } from '../read-form.ts';

export type PageRequest = FastifyRequest<{ Params: { readonly provider?: string } }>;

/** Reads a request to a page. @throws OciError as readForm */
export async function pageCallOf(
  page: PageCall['page'],
  method: PageCall['method'],
  request: PageRequest,
  { address, userAgent }: ClientFacts,
): Promise<PageCall> {
  const parameters = method === 'GET' ? queryOf(request.raw) : await readForm(request.raw);
  const { cookie, origin } = request.headers;
  const { provider } = request.params;
  return {
    page,
    method,
    parameters: [...parameters],
    userAgent,
    address,
    ...(provider === undefined ? {} : { provider }),
    ...(cookie === undefined ? {} : { cookie }),
    ...(origin === undefined ? {} : { origin }),
  };
}
