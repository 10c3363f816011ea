import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { exchangeOf } from '../http/exchange.ts';
import { AccessControl } from './access-control.ts';
import { askedRouteOf } from './route-of.ts';

/** Admits clients that have the rights of the route's row. Runs after the IdentityGuard. */
@Injectable()
export class RightsGuard implements CanActivate {
  constructor(
    private readonly access: AccessControl,
    private readonly reflector: Reflector,
  ) {}

  /** @throws OciError UNAUTHORIZED with the challenge, or DENIED */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const asked = askedRouteOf(this.reflector, context);
    if (asked.route.access.kind === 'open') return true;
    const { identity, client } = exchangeOf(context.switchToHttp().getRequest<FastifyRequest>().raw);
    if (identity === undefined) throw new Error('the IdentityGuard has not run');
    await this.access.authorize(asked, identity, client);
    return true;
  }
}
