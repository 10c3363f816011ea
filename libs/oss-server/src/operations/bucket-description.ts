import { xml } from '../wire/oss-reply.ts';
import { document, element } from '../wire/xml.ts';
import type { Operation } from './context.ts';
import { owner } from './list-objects.ts';
import { ossTime } from '../wire/oss-time.ts';

export const getBucketLocation: Operation = (_request, { region }) =>
  xml(document('LocationConstraint', `oss-${region}`));

export const getBucketInfo: Operation = (_request, { bucket, region }) =>
  xml(
    document('BucketInfo', [
      element('Bucket', [
        element('Name', bucket.name),
        element('CreationDate', ossTime(bucket.createdAt)),
        element('Location', `oss-${region}`),
        element('ExtranetEndpoint', `oss-${region}.aliyuncs.com`),
        element('IntranetEndpoint', `oss-${region}-internal.aliyuncs.com`),
        element('StorageClass', 'Standard'),
        element('DataRedundancyType', 'LRS'),
        element('AccessMonitor', 'Disabled'),
        owner,
        element('AccessControlList', [element('Grant', 'private')]),
      ]),
    ]),
  );
