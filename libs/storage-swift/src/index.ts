import { type CreateDriver, driverParameters } from '@longshore/storage';
import { SwiftDriver } from './swift-driver.ts';
import { swiftParameters } from './swift-parameters.ts';

export const createDriver: CreateDriver = (parameters) =>
  new SwiftDriver(driverParameters(swiftParameters, parameters));
