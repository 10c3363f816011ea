import type { ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { AskedRoute } from '@longshore/authorization';
import { type ControllerRoute, parseRepositoryName } from '@longshore/oci';
import type { FastifyRequest } from 'fastify';

export const accessMetadata = 'longshore:access';

/** An AskedRoute of a Nest controller. */
interface AskedControllerRoute extends AskedRoute {
  readonly route: ControllerRoute;
}

interface RepositoryParameter {
  readonly name?: string;
}

/**
 * Returns the row of the table for a request to a Nest controller, with the repository that Fastify found in the path. The method sees the same; the
 * path is not parsed again.
 * @throws OciError NAME_INVALID; Error for a method without `@Access`
 */
export function askedRouteOf(reflector: Reflector, context: ExecutionContext): AskedControllerRoute {
  const route = reflector.getAllAndOverride<ControllerRoute | undefined>(accessMetadata, [
    context.getHandler(),
    context.getClass(),
  ]);
  if (route === undefined) throw new Error(`${context.getHandler().name} has no @Access`);
  if (route.access.kind !== 'repository') return { route };
  const { params } = context.switchToHttp().getRequest<FastifyRequest<{ Params: RepositoryParameter }>>();
  return { route, name: parseRepositoryName(params.name ?? '') };
}
