import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ClientFacts } from './client-facts.ts';
import { exchangeOf } from './exchange.ts';

/** Passes the client's facts from the front to a method of a Nest controller. */
export const Client = createParamDecorator(
  (_: unknown, context: ExecutionContext): ClientFacts =>
    exchangeOf(context.switchToHttp().getRequest<FastifyRequest>().raw).client,
);
