import { describeStorageDriver } from '@longshore/storage/testing';
import { startVersitygw } from '@longshore/testing/stores';
import { s3Subject } from './testing/s3-subject.ts';

describeStorageDriver('s3, on versitygw', () => s3Subject(startVersitygw));
