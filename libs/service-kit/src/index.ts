export * from './access/access.decorator.ts';
export * from './access/access-control.ts';
export * from './access/authenticator.ts';
export * from './bootstrap/http-application.ts';
export * from './bootstrap/http-server.ts';
export * from './bootstrap/parameters.ts';
export * from './bootstrap/shutdown.ts';
/** @internal Tests of the gateway use it. */
export { tlsListener } from './bootstrap/tls-options.ts';
/** @internal Clients of identity providers use it. */
export { Egress } from './egress/egress.ts';
/** @internal */
export { EgressError } from './egress/egress.ts';
/** @internal */
export type { EgressRequest } from './egress/egress.ts';
/** @internal */
export type { EgressSettings } from './egress/egress.ts';
export * from './endpoints/endpoint.decorator.ts';
export * from './endpoints/endpoint-table.ts';
export * from './health/debug-server.ts';
export * from './health/readiness.ts';
export { watchFile } from './health/watched-file.ts';
export type * from './http/client-facts.ts';
/** @internal Tests of the gateway use it. */
export { ClientCertificates } from './http/client-certificates.ts';
export * from './http/client-seal.ts';
export * from './http/client.decorator.ts';
export * from './http/error-reply.ts';
export * from './http/front-settings.ts';
export * from './http/networks.ts';
export * from './http/registry-door.ts';
export * from './http/registry-request.ts';
export * from './http/reply.ts';
export * from './http/request-observer.ts';
export * from './service-kit.module.ts';
export * from './bootstrap/lifecycle.ts';
export * from './bootstrap/optional-code.ts';
export * from './bootstrap/run-service.ts';
export * from './bootstrap/start-service.ts';
export * from './observation/outcome-observer.ts';
export * from './bootstrap/root-module.ts';
export * from './observation/service-log.ts';
export * from './loop/run-loop.ts';
export * from './access/create-authenticator.ts';
export * from './access/credential-authenticator.ts';
export * from './http/door-settings.ts';
