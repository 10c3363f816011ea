export interface OssPlace {
  readonly bucket: string;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly internal: boolean;
  readonly secure: boolean;
  readonly cname?: boolean | undefined;
  readonly forcepathstyle: boolean;
}

export interface OssAddress {
  /** Scheme, host and port. Without the bucket's name, unless the endpoint is a CNAME of the bucket. */
  readonly endpoint: string;
  /** The place of the bucket's name: the first label of the host name, the first segment of the path, or implied by the host name (CNAME). */
  readonly style: 'host' | 'path' | 'cname';
}

/** Returns the host of an endpoint, which may have a scheme and a port; undefined if it is not valid. */
export function endpointHost(endpoint: string): string | undefined {
  return parsed(endpoint, true)?.hostname.replace(/^\[|\]$/g, '');
}

/**
 * Returns the address of a bucket. As in distribution 2.8, an endpoint begins with the bucket (`bucket.oss-cn-hangzhou.aliyuncs.com`) or is a CNAME
 * of the bucket. A plain endpoint of the service is accepted too.
 */
export function ossAddress(place: OssPlace): OssAddress {
  const { bucket, endpoint, secure, forcepathstyle } = place;
  if (endpoint === undefined)
    return { endpoint: regionEndpoint(place), style: forcepathstyle ? 'path' : 'host' };
  const target = parsed(endpoint, secure);
  if (target === undefined) throw new Error('the endpoint is no host name and no URL');
  const { protocol, host, hostname } = target;
  if (forcepathstyle) return { endpoint: `${protocol}//${host}`, style: 'path' };
  const isBucketFirst = hostname.startsWith(`${bucket}.`);
  const { cname = !isBucketFirst && !hostname.endsWith('.aliyuncs.com') } = place;
  if (cname) return { endpoint: `${protocol}//${host}`, style: 'cname' };
  return {
    endpoint: `${protocol}//${isBucketFirst ? host.slice(bucket.length + 1) : host}`,
    style: 'host',
  };
}

function regionEndpoint({ region = '', internal, secure }: OssPlace): string {
  // Regions of old VPCs have their own endpoint, inside the VPC as well.
  const isVpc = region.startsWith('vpc100-');
  const name = isVpc || region.startsWith('oss-') ? region : `oss-${region}`;
  return `${secure ? 'https' : 'http'}://${name}${internal && !isVpc ? '-internal' : ''}.aliyuncs.com`;
}

/** Returns the region as signatures spell it. */
export function signingRegion(region: string): string {
  return region.replace(/^oss-/, '');
}

/** Returns the unsigned URL of an object. */
export function objectUrl({ endpoint, style }: OssAddress, bucket: string, name: string): URL {
  const url = new URL(endpoint);
  if (style === 'host') url.host = `${bucket}.${url.host}`;
  url.pathname = `/${style === 'path' ? `${bucket}/` : ''}${percentEncode(name).replaceAll('%2F', '/')}`;
  return url;
}

/** Encodes all but the unreserved characters (RFC 3986). */
export function percentEncode(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function parsed(endpoint: string, secure: boolean): URL | undefined {
  const text = endpoint.includes('://') ? endpoint : `${secure ? 'https' : 'http'}://${endpoint}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return ['http:', 'https:'].includes(url.protocol) ? url : undefined;
}
