import { SetMetadata } from '@nestjs/common';
import type { RouteId } from '@longshore/oci';
import type { RegistryRequest } from '../http/registry-request.ts';
import type { Reply } from '../http/reply.ts';

export const endpointMetadata = 'longshore:endpoints';

export type EndpointHandler = (request: RegistryRequest) => Promise<Reply>;

/** Names the routes of the table in libs/oci that a method serves. */
export const Endpoint = (...ids: readonly RouteId[]): MethodDecorator => SetMetadata(endpointMetadata, ids);
