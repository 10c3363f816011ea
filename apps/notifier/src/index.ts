export * from './notifier.module.ts';
export * from './notifier-settings.ts';
