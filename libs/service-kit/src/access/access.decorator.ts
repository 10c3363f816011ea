import { type ControllerRouteId, controllerRoutes } from '@longshore/oci';
import { guardedBy } from './guarded-by.ts';

/**
 * Names the row of the table of routes (libs/oci) that a method of a Nest controller answers, and guards the method as the row says. A method
 * without it keeps the process from starting.
 */
export const Access = (id: ControllerRouteId): MethodDecorator & ClassDecorator =>
  guardedBy(controllerRoutes[id]);
