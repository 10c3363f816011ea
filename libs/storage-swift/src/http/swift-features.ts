import { fieldOf, listAt, textAt } from '../auth/json-field.ts';
import { textOf } from './http-call.ts';
import type { SwiftAccount } from './swift-account.ts';

/** The optional features of a service, as its `/info` describes them. */
export interface SwiftFeatures {
  readonly hasStaticLargeObjects: boolean;
  readonly hasBulkDelete: boolean;
  /** Methods for temporary URLs. Empty if the service does not offer such URLs or does not tell. */
  readonly tempUrlMethods: readonly string[];
  readonly tempUrlDigest: 'sha256' | 'sha1';
  /** Whether containers may have a key for temporary URLs (Swift 2.2.2 and later). */
  readonly hasContainerKeys: boolean;
}

const plainest: SwiftFeatures = {
  hasStaticLargeObjects: false,
  hasBulkDelete: false,
  tempUrlMethods: [],
  tempUrlDigest: 'sha1',
  hasContainerKeys: false,
};

/** Asks the service for its features. A service that does not tell counts as having none. */
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

/** Parses the document. A server in between may answer for a service without `/info`. */
function documentOf(text: string): unknown {
  try {
    const document: unknown = JSON.parse(text);
    return document;
  } catch {
    return undefined;
  }
}
