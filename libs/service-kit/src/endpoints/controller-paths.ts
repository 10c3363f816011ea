import type { ControllerRoute } from '@longshore/oci';

/** Returns the path patterns of a Nest controller's route, as Fastify's router has them. */
export const controllerPaths = ({ templates }: Pick<ControllerRoute, 'templates'>): string[] =>
  templates.map((template) => template.replaceAll(/<([a-z]+)>/g, ':$1'));
