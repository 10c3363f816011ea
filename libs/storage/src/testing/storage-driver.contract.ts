import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeAppend, describeBrokenAppend } from './contract/append.contract.ts';
import { describeCommit } from './contract/commit.contract.ts';
import { describeConcurrency } from './contract/concurrency.contract.ts';
import { describeDelete } from './contract/delete.contract.ts';
import { describeList } from './contract/list.contract.ts';
import { describeObjects } from './contract/objects.contract.ts';
import { describeRead } from './contract/read.contract.ts';
import { type DriverUnderTest, Subject } from './subject.ts';

export interface ContractOptions {
  /** `impossible`: the store cannot fail midway through an append, like memory. Every other driver provides `breakAppend`. */
  readonly midwayFailure?: 'impossible';
}

/**
 * Tests the rules of `StorageDriver`, on one store for all cases. `LONGSHORE_STORAGE_LARGE_BYTES` is the size of the largest object: 64 MiB by
 * default; distribution's suite uses 5 GiB. The sizes of concurrent objects scale with it.
 */
export function describeStorageDriver(
  name: string,
  factory: () => Promise<DriverUnderTest>,
  { midwayFailure }: ContractOptions = {},
): void {
  describe(`StorageDriver (${name})`, () => {
    let made: DriverUnderTest | undefined;
    let subject: Subject | undefined;
    const use = (): Subject => {
      if (subject === undefined) throw new Error('the driver was not made');
      return subject;
    };
    beforeAll(async () => {
      made = await factory();
      subject = new Subject(made);
    });
    afterAll(async () => {
      if (made === undefined) return;
      await made.driver.close();
      if (made.other !== made.driver) await made.other.close();
      await made.dispose?.();
    });

    describe('put and stat', () => {
      describeObjects(use);
    });
    describe('read', () => {
      describeRead(use);
    });
    describe('append', () => {
      describeAppend(use);
      if (midwayFailure !== 'impossible') describeBrokenAppend(use);
    });
    describe('commit and abort', () => {
      describeCommit(use);
    });
    describe('delete', () => {
      describeDelete(use);
    });
    describe('list', () => {
      describeList(use);
    });
    describe('concurrently', () => {
      describeConcurrency(use);
    });

    it('checks itself and leaves nothing behind', async () => {
      const { driver, keys } = { driver: use().driver, keys: (): Promise<string[]> => use().keys('') };
      const before = await keys();
      await driver.check();
      expect(await keys()).toEqual(before);
    });

    it('has nothing left when everything is deleted', async () => {
      const { driver, prefix } = use();
      const found = [];
      for await (const { key } of driver.list(prefix)) found.push(key);
      const { failed } = await driver.delete(found);
      expect(failed).toEqual([]);
      expect(await use().keys(prefix)).toEqual([]);
    });
  });
}
