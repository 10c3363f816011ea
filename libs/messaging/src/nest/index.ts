export { BusServer } from './bus-server.ts';
export { Serves } from './serves.decorator.ts';
