import { describeStorageDriver } from '@longshore/storage/testing';
import { startMinio } from '@longshore/testing/stores';
import { s3Subject } from './testing/s3-subject.ts';

describeStorageDriver('s3, on minio', () => s3Subject(startMinio));
