export * from './provider.ts';
export * from './text-browser.ts';
