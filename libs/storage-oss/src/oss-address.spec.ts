import { describe, expect, it } from 'vitest';
import { objectUrl, ossAddress } from './oss-address.ts';

const place = { bucket: 'images', internal: false, secure: true, forcepathstyle: false };

describe('ossAddress', () => {
  it.each([
    [{ region: 'oss-cn-beijing' }, 'https://images.oss-cn-beijing.aliyuncs.com/k'],
    [{ region: 'cn-beijing' }, 'https://images.oss-cn-beijing.aliyuncs.com/k'],
    [{ region: 'cn-beijing', internal: true }, 'https://images.oss-cn-beijing-internal.aliyuncs.com/k'],
    [{ region: 'vpc100-oss-cn-x', internal: true }, 'https://images.vpc100-oss-cn-x.aliyuncs.com/k'],
    [{ region: 'cn-beijing', secure: false }, 'http://images.oss-cn-beijing.aliyuncs.com/k'],
    [{ endpoint: 'oss-cn-beijing.aliyuncs.com' }, 'https://images.oss-cn-beijing.aliyuncs.com/k'],
    [{ endpoint: 'images.oss-cn-beijing.aliyuncs.com' }, 'https://images.oss-cn-beijing.aliyuncs.com/k'],
    [{ endpoint: 'http://images.oss.cloud.example:8080' }, 'http://images.oss.cloud.example:8080/k'],
    [{ endpoint: 'cdn.example' }, 'https://cdn.example/k'],
    [{ endpoint: 'oss.cloud.example', cname: false }, 'https://images.oss.cloud.example/k'],
    [{ endpoint: 'x.aliyuncs.com', cname: true }, 'https://x.aliyuncs.com/k'],
    [{ endpoint: '10.0.0.1:9000', forcepathstyle: true }, 'https://10.0.0.1:9000/images/k'],
  ])('finds an object of %j at %s', (given, url) => {
    expect(objectUrl(ossAddress({ ...place, ...given }), 'images', 'k').href).toBe(url);
  });

  it('encodes every name so that decoding returns it', () => {
    const url = objectUrl(ossAddress({ ...place, region: 'cn-beijing' }), 'images', "a/b c+(d)*'%?#");
    expect(url.pathname).toBe('/a/b%20c%2B%28d%29%2A%27%25%3F%23');
  });
});
