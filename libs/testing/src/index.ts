export { selfSigned } from './certificate.ts';
export * from './eventually.ts';
export * from './http/exchange.ts';
export * from './http/port-of.ts';
export * from './http/raw-exchange.ts';
export * from './images/archive.ts';
export * from './images/content.ts';
export * from './images/tiny-image.ts';
export * from './registry-client.ts';
