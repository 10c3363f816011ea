import { All, Controller, Req, Res } from '@nestjs/common';
import { Bus, manage } from '@longshore/messaging';
import { type ControllerRoute, controllerRoutes, type ManagementRouteId, OciError } from '@longshore/oci';
import { Access, exchangeOf } from '@longshore/service-kit';
import type { FastifyReply } from 'fastify';
import { type ManagementRequest, managementCallOf } from './management-call.ts';

/** The management API: users, groups, robots, access tokens, rules, sessions, signing keys, the audit log. auth-service performs the operations. */
@Controller('api/v1')
export class ManagementController {
  constructor(private readonly bus: Bus) {}

  @All('openapi.json')
  @Access('api-document')
  document(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-document', request, reply);
  }

  @All('users')
  @Access('api-users')
  users(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-users', request, reply);
  }

  @All('users/:user')
  @Access('api-user')
  user(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-user', request, reply);
  }

  @All('groups')
  @Access('api-groups')
  groups(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-groups', request, reply);
  }

  @All('groups/:group')
  @Access('api-group')
  group(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-group', request, reply);
  }

  @All('groups/:group/members/:user')
  @Access('api-group-member')
  groupMember(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-group-member', request, reply);
  }

  @All('robots')
  @Access('api-robots')
  robots(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-robots', request, reply);
  }

  @All('robots/:robot')
  @Access('api-robot')
  robot(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-robot', request, reply);
  }

  @All('access-tokens')
  @Access('api-access-tokens')
  accessTokens(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-access-tokens', request, reply);
  }

  @All('access-tokens/:id')
  @Access('api-access-token')
  accessToken(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-access-token', request, reply);
  }

  @All('rules')
  @Access('api-rules')
  rules(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-rules', request, reply);
  }

  @All('rules/:rule')
  @Access('api-rule')
  rule(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-rule', request, reply);
  }

  @All('sessions')
  @Access('api-sessions')
  sessions(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-sessions', request, reply);
  }

  @All('sessions/:id')
  @Access('api-session')
  session(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-session', request, reply);
  }

  @All('signing-keys')
  @Access('api-signing-keys')
  signingKeys(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-signing-keys', request, reply);
  }

  @All('signing-keys/rotation')
  @Access('api-signing-key-rotation')
  signingKeyRotation(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-signing-key-rotation', request, reply);
  }

  @All('signing-keys/:id')
  @Access('api-signing-key')
  signingKey(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-signing-key', request, reply);
  }

  @All('audit-entries')
  @Access('api-audit-entries')
  auditEntries(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-audit-entries', request, reply);
  }

  @All('me')
  @Access('api-me')
  me(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-me', request, reply);
  }

  @All('me/access-tokens')
  @Access('api-my-access-tokens')
  myAccessTokens(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-my-access-tokens', request, reply);
  }

  @All('me/access-tokens/:id')
  @Access('api-my-access-token')
  myAccessToken(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-my-access-token', request, reply);
  }

  @All('me/sessions')
  @Access('api-my-sessions')
  mySessions(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-my-sessions', request, reply);
  }

  @All('me/sessions/:id')
  @Access('api-my-session')
  mySession(@Req() request: ManagementRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('api-my-session', request, reply);
  }

  async #answer(route: ManagementRouteId, request: ManagementRequest, reply: FastifyReply): Promise<void> {
    const { methods }: ControllerRoute = controllerRoutes[route];
    const { method } = request;
    if (!methods.includes(method))
      throw new OciError('UNSUPPORTED', { method }, { headers: { allow: methods.join(', ') } });
    const exchange = exchangeOf(request.raw);
    const call = await managementCallOf(route, request, exchange);
    const { status, headers, body, isRecorded } = await this.bus.request(manage, call);
    exchange.isRecorded = isRecorded;
    // Fastify would add a charset to the type of a text, which JSON has none of.
    await reply.status(status).headers(headers).send(Buffer.from(body));
  }
}
