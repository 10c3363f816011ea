export * from './blob-service.module.ts';
export * from './blob-settings.ts';
