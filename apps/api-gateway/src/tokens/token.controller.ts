import { All, Controller, Req, Res } from '@nestjs/common';
import { Bus, issueToken, type TokenCall } from '@longshore/messaging';
import { OciError } from '@longshore/oci';
import { Access, Client, type ClientFacts, exchangeOf } from '@longshore/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { queryOf, readForm } from '../read-form.ts';
import { tokenHolder } from './token-holder.ts';

/** The token endpoint on the registry's own host: clients refuse a realm on another host if the registry's address is private (go-containerregistry, validateRealmURL). */
@Controller()
export class TokenController {
  constructor(private readonly bus: Bus) {}

  @All(['auth/token', 'token'])
  @Access('token')
  async token(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Client() client: ClientFacts,
  ): Promise<void> {
    const answer = await this.bus.request(issueToken, await tokenCall(request, client.address));
    exchangeOf(request.raw).identity = tokenHolder(answer);
    await reply.status(answer.status).headers(answer.headers).send(answer.body);
  }
}

async function tokenCall(request: FastifyRequest, address: string): Promise<TokenCall> {
  const { method } = request;
  if (method !== 'GET' && method !== 'POST')
    throw new OciError('UNSUPPORTED', { method }, { headers: { allow: 'GET, POST' } });
  const parameters = method === 'GET' ? queryOf(request.raw) : await readForm(request.raw);
  const { authorization } = request.headers;
  return {
    method,
    parameters: [...parameters],
    address,
    ...(authorization === undefined ? {} : { authorization }),
  };
}
