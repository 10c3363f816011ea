import type { IncomingMessage } from 'node:http';
import { anonymous } from '@longshore/authorization';
import type { ControllerRoute } from '@longshore/oci';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { exchangeOf } from '../http/exchange.ts';
import { RateLimits } from '../limits/rate-limits.ts';
import { AccessControl } from './access-control.ts';
import { askedRouteOf } from './route-of.ts';

/** Admits clients that have the rights of the route's row and have not used up their limits. Runs after the IdentityGuard. */
@Injectable()
export class RightsGuard implements CanActivate {
  constructor(
    private readonly access: AccessControl,
    private readonly limits: RateLimits,
    private readonly reflector: Reflector,
  ) {}

  /** @throws OciError UNAUTHORIZED with the challenge, DENIED, or TOOMANYREQUESTS */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const asked = askedRouteOf(this.reflector, context);
    const { identity, client, request, response } = exchangeOf(
      context.switchToHttp().getRequest<FastifyRequest>().raw,
    );
    if (asked.route.access.kind === 'open') {
      if (isOfAnonymous(asked.route, request))
        this.limits.admit({ client, identity: anonymous, response }, 'none');
      return true;
    }
    if (identity === undefined) throw new Error('the IdentityGuard has not run');
    await this.access.authorize(asked, identity, client);
    this.limits.admit({ client, identity, response }, 'none');
    return true;
  }
}

/**
 * Tells whether a request for an open route counts as one of an anonymous client: a token for it, or a page. Logins do not count, since those of accounts
 * would depend on the anonymous clients of their network; auth-service limits the wrong ones. Probes (`/`) do not either.
 */
function isOfAnonymous({ at }: ControllerRoute, { method, headers }: IncomingMessage): boolean {
  return at === 'api-gateway' && method === 'GET' && headers.authorization === undefined;
}
