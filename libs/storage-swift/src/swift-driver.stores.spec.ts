import { randomUUID } from 'node:crypto';
import { driverParameters, InstrumentedDriver } from '@longshore/storage';
import { describeStorageDriver } from '@longshore/storage/testing';
import { startSwift, type TempauthSwift } from '@longshore/testing/stores';
import { afterAll, beforeAll } from 'vitest';
import { SwiftDriver } from './swift-driver.ts';
import { swiftParameters } from './swift-parameters.ts';

let server: TempauthSwift;
beforeAll(async () => {
  server = await startSwift();
});
afterAll(() => server.stop());

function breakAppend(): () => void {
  server.pause();
  return () => server.resume();
}

const forms: readonly [string, object][] = [
  ['static large objects', {}],
  ['dynamic large objects', { dlo: true }],
];

for (const [name, parameters] of forms) {
  describeStorageDriver(`swift, ${name}`, async () => {
    const prefix = randomUUID();
    const open = (): InstrumentedDriver =>
      new InstrumentedDriver(
        new SwiftDriver(
          driverParameters(swiftParameters, {
            authurl: server.authUrl,
            username: server.username,
            password: server.password,
            container: server.container,
            prefix,
            ...parameters,
          }),
          { stall: 5000 },
        ),
      );
    return { driver: open(), other: open(), breakAppend };
  });
}
