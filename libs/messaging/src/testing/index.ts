export { findNatsServer, natsServerIsMissing, startNatsServer, type TestNatsServer } from './nats-server.ts';
