import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ClientFacts } from './client-facts.ts';
import { exchangeOf } from './exchange.ts';

/** Gives a method of a Nest controller the facts that the front learned of the client. */
export const Client = createParamDecorator(
  (_: unknown, context: ExecutionContext): ClientFacts =>
    exchangeOf(context.switchToHttp().getRequest<FastifyRequest>().raw).client,
);
