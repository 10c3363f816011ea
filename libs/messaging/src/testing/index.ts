export { natsServerIsMissing, startNatsServer, type TestNatsServer } from './nats-server.ts';
