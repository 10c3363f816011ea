import type { CreateDriver } from '../../create-driver.ts';
import { driverParameters } from '../../driver-parameters.ts';
import { MemoryDriver } from './memory-driver.ts';
import { memoryFields } from './memory-parameters.ts';

export const createDriver: CreateDriver = (parameters) => {
  driverParameters(memoryFields, parameters);
  return new MemoryDriver();
};
