export * from './collector-settings.ts';
export * from './garbage-collector.module.ts';
