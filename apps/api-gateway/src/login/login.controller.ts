import { All, Controller, Req, Res } from '@nestjs/common';
import { answerPage, Bus, type PageCall } from '@longshore/messaging';
import { type ControllerRoute, controllerRoutes, OciError } from '@longshore/oci';
import { Access, exchangeOf } from '@longshore/service-kit';
import type { FastifyReply } from 'fastify';
import { type PageRequest, pageCallOf } from './page-call.ts';

/** The pages and endpoints of login by OpenID Connect. auth-service answers them; this is their HTTP. */
@Controller('auth')
export class LoginController {
  constructor(private readonly bus: Bus) {}

  @All('login')
  @Access('login')
  account(@Req() request: PageRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('login', request, reply);
  }

  @All('login/:provider')
  @Access('login-start')
  start(@Req() request: PageRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('login-start', request, reply);
  }

  @All('callback/:provider')
  @Access('login-callback')
  callback(@Req() request: PageRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('login-callback', request, reply);
  }

  @All('access-tokens')
  @Access('access-tokens')
  accessTokens(@Req() request: PageRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('access-tokens', request, reply);
  }

  @All('logout')
  @Access('logout')
  logout(@Req() request: PageRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('logout', request, reply);
  }

  @All('logout/:provider')
  @Access('back-channel-logout')
  backChannelLogout(@Req() request: PageRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('back-channel-logout', request, reply);
  }

  @All('device')
  @Access('device')
  device(@Req() request: PageRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('device', request, reply);
  }

  @All('device/code')
  @Access('device-code')
  deviceCode(@Req() request: PageRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('device-code', request, reply);
  }

  @All('device/token')
  @Access('device-token')
  deviceToken(@Req() request: PageRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('device-token', request, reply);
  }

  @All('device/revoke')
  @Access('device-revoke')
  deviceRevoke(@Req() request: PageRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#answer('device-revoke', request, reply);
  }

  async #answer(page: PageCall['page'], request: PageRequest, reply: FastifyReply): Promise<void> {
    const { methods }: ControllerRoute = controllerRoutes[page];
    const { method } = request;
    if ((method !== 'GET' && method !== 'POST') || !methods.includes(method))
      throw new OciError('UNSUPPORTED', { method }, { headers: { allow: methods.join(', ') } });
    const exchange = exchangeOf(request.raw);
    const call = await pageCallOf(page, method, request, exchange.client);
    const { status, headers, cookies, body, identity } = await this.bus.request(answerPage, call);
    exchange.identity = identity;
    if (cookies.length > 0) reply.header('set-cookie', [...cookies]);
    await reply.status(status).headers(headers).send(body);
  }
}
