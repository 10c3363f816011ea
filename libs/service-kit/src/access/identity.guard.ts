import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { exchangeOf } from '../http/exchange.ts';
import { AccessControl } from './access-control.ts';
import { askedRouteOf } from './route-of.ts';

/** Learns who asks a Nest controller, for the guard behind it and for the access log. An open route asks nobody. */
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
