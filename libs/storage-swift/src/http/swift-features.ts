import { fieldOf, listAt, textAt } from '../auth/json-field.ts';
import { textOf } from './http-call.ts';
import type { SwiftAccount } from './swift-account.ts';

/** What a service can do beyond the plainest Swift, as its `/info` tells. */
export interface SwiftFeatures {
  readonly hasStaticLargeObjects: boolean;
  readonly hasBulkDelete: boolean;
  /** Methods that temporary URLs may serve; none where there are no such URLs, or nobody tells of them. */
  readonly tempUrlMethods: readonly string[];
  readonly tempUrlDigest: 'sha256' | 'sha1';
  /** Whether containers may have a key for temporary URLs: Swift 2.2.2 and later. */
  readonly hasContainerKeys: boolean;
}

const plainest: SwiftFeatures = {
  hasStaticLargeObjects: false,
  hasBulkDelete: false,
  tempUrlMethods: [],
  tempUrlDigest: 'sha1',
  hasContainerKeys: false,
};

/** Of a service that does not tell, the least is expected. */
export async function featuresOf(account: SwiftAccount): Promise<SwiftFeatures> {
  const answer = await account.info();
  if (answer === undefined) return plainest;
  const info: unknown = documentOf(await textOf(answer));
  const methods = listAt(info, 'tempurl', 'methods');
  return {
    hasStaticLargeObjects: fieldOf(info, 'slo') !== undefined,
    hasBulkDelete: fieldOf(info, 'bulk_delete') !== undefined,
    tempUrlMethods: methods.filter((method) => typeof method === 'string'),
    tempUrlDigest: listAt(info, 'tempurl', 'allowed_digests').includes('sha256') ? 'sha256' : 'sha1',
    hasContainerKeys: textAt(info, 'swift', 'version') !== undefined,
  };
}

/** Something in between may answer for a service that has no `/info`. */
function documentOf(text: string): unknown {
  try {
    const document: unknown = JSON.parse(text);
    return document;
  } catch {
    return undefined;
  }
}
