export * from './audit.ts';
export * from './authentication.ts';
export * from './discovery.ts';
export * from './login-pages.ts';
export * from './manifests.ts';
export * from './registry-event.ts';
export * from './management.ts';
