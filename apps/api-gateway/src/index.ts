export * from './api-gateway.module.ts';
export * from './gateway-settings.ts';
