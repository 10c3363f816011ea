import { type ControllerRouteId, controllerRoutes } from '@longshore/oci';
import { guardedBy } from './guarded-by.ts';

/**
 * Names the row of the table of routes (libs/oci) that a method of a Nest controller answers, and guards the method by it. The process does not start
 * with a method that lacks it.
 */
export const Access = (id: ControllerRouteId): MethodDecorator & ClassDecorator =>
  guardedBy(controllerRoutes[id]);
