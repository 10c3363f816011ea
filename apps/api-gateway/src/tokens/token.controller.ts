import { All, Controller, Req, Res } from '@nestjs/common';
import { Bus, issueToken, type TokenCall } from '@longshore/messaging';
import { OciError } from '@longshore/oci';
import { Client, type ClientFacts } from '@longshore/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A form of a token request is a handful of short fields. Bytes. */
const formBytes = 64 * 1024;

/** The token endpoint on the registry's own host: clients refuse a realm elsewhere on a private address (REFERENCE 0.7). */
@Controller()
export class TokenController {
  constructor(private readonly bus: Bus) {}

  @All(['auth/token', 'token'])
  async token(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Client() client: ClientFacts,
  ): Promise<void> {
    const answer = await this.bus.request(issueToken, tokenCall(request, client.address));
    await reply.status(answer.status).headers(answer.headers).send(answer.body);
  }
}

function tokenCall(request: FastifyRequest, address: string): TokenCall {
  const { method } = request;
  if (method !== 'GET' && method !== 'POST')
    throw new OciError('UNSUPPORTED', { method }, { headers: { allow: 'GET, POST' } });
  const text =
    method === 'GET' ? (request.raw.url ?? '').split('?').slice(1).join('?') : formOf(request.body);
  const { authorization } = request.headers;
  return {
    method,
    parameters: [...new URLSearchParams(text)],
    address,
    ...(authorization === undefined ? {} : { authorization }),
  };
}

/** Nest's form parser has read the body; a field that came several times is a list. */
function formOf(body: unknown): string {
  if (typeof body !== 'object' || body === null) {
    throw new OciError(
      'UNSUPPORTED',
      { reason: 'the body must be application/x-www-form-urlencoded' },
      { status: 415 },
    );
  }
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) {
    for (const text of Array.isArray(value) ? value : [value]) form.append(name, String(text));
  }
  const text = form.toString();
  if (text.length > formBytes) {
    throw new OciError(
      'SIZE_INVALID',
      { reason: `a token request has at most ${formBytes} bytes` },
      { status: 413 },
    );
  }
  return text;
}
