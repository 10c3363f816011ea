import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import type { ControllerRoute } from '@longshore/oci';
import { IdentityGuard } from './identity.guard.ts';
import { accessMetadata } from './route-of.ts';
import { RightsGuard } from './rights.guard.ts';

/** Guards a controller or its method by a row of the table of routes. */
export const guardedBy = (row: ControllerRoute): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(accessMetadata, row), UseGuards(IdentityGuard, RightsGuard));
