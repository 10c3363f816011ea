import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getSignedUrl } from '@aws-sdk/cloudfront-signer';
import { AwsNetworks } from './aws-networks.ts';
import { below, type RedirectStep } from '@longshore/storage';
import { signedPeriod } from '@longshore/storage-remote';

export interface CloudFrontOptions {
  readonly baseurl: string;
  /** Path of a PEM file. */
  readonly privatekey: string;
  readonly keypairid: string;
  /** Milliseconds for which a URL is valid. */
  readonly duration: number;
  /** The clients that are redirected to the store itself, where their traffic is free: those in AWS, or in some of its regions. */
  readonly ipfilteredby: 'none' | 'aws' | 'awsregion';
  readonly awsregion: readonly string[];
  /** Milliseconds. */
  readonly updatefrequency: number;
  readonly iprangesurl: string;
}

/**
 * distribution's `cloudfront`: redirects to a CloudFront distribution in front of the bucket, with URLs signed by a key pair. @throws Error if the
 * key cannot be read
 */
export function cloudFront(options: CloudFrontOptions): RedirectStep {
  const { baseurl, keypairid: keyPairId, privatekey, duration, ipfilteredby } = options;
  const privateKey = readFileSync(privatekey, 'utf8');
  if (!isPrivateKey(privateKey)) throw new Error(`${privatekey} holds no PEM private key`);
  const near =
    ipfilteredby === 'none'
      ? undefined
      : new AwsNetworks({
          url: options.iprangesurl,
          regions: ipfilteredby === 'awsregion' ? options.awsregion : undefined,
          maximumAge: options.updatefrequency,
        });
  return async ({ path, url, clientAddress }) => {
    if (clientAddress !== undefined && (await near?.has(clientAddress)) === true) return url;
    const { until: dateLessThan } = signedPeriod(duration / 1000);
    return getSignedUrl({ url: below(baseurl, path).href, keyPairId, privateKey, dateLessThan });
  };
}

/** Checks the key now; otherwise the first pull would fail. */
function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === 'private';
  } catch {
    return false; // The parser's error gives no more detail.
  }
}
