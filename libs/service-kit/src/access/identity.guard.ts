import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { exchangeOf } from '../http/exchange.ts';
import { AccessControl } from './access-control.ts';
import { askedRouteOf } from './route-of.ts';

/** Identifies the client of a Nest controller, for the next guard and for the access log. Skips open routes. */
@Injectable()
export class IdentityGuard implements CanActivate {
  constructor(
    private readonly access: AccessControl,
    private readonly reflector: Reflector,
  ) {}

  /** @throws OciError UNAUTHORIZED with the challenge */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const asked = askedRouteOf(this.reflector, context);
    if (asked.route.access.kind === 'open') return true;
    const exchange = exchangeOf(context.switchToHttp().getRequest<FastifyRequest>().raw);
    exchange.identity = await this.access.identify(asked, exchange.request, exchange.client);
    return true;
  }
}
