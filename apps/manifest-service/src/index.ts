export * from './manifest-service.module.ts';
export * from './manifest-settings.ts';
