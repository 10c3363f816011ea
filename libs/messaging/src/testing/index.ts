export { findNatsServer, startNatsServer, type TestNatsServer } from './nats-server.ts';
