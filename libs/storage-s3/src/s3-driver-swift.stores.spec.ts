import { describeStorageDriver } from '@longshore/storage/testing';
import { startSwiftS3Api } from '@longshore/testing/stores';
import { s3Subject } from './testing/s3-subject.ts';

describeStorageDriver("s3, on Swift's S3 API", () => s3Subject(startSwiftS3Api));
