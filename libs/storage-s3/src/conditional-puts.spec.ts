import { describe, expect, it, vi } from 'vitest';
import { ConditionalPuts } from './conditional-puts.ts';

const refusal = (httpStatusCode: number): Error =>
  Object.assign(new Error('refused'), { $metadata: { httpStatusCode } });

describe('ConditionalPuts', () => {
  it('writes twice at first, and trusts a service that refused the second write', async () => {
    const puts = new ConditionalPuts();
    const put = vi
      .fn<() => Promise<string>>()
      .mockResolvedValueOnce('first')
      .mockRejectedValueOnce(refusal(412));
    await expect(puts.put(put)).resolves.toBe('first');
    await expect(puts.put(() => Promise.resolve('second'))).resolves.toBe('second');
    expect(put).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['ignores the condition', vi.fn<() => Promise<string>>().mockResolvedValue('written')],
    ['does not know it', vi.fn<() => Promise<string>>().mockRejectedValue(refusal(501))],
  ])('writes nothing more if a service %s', async (_, put) => {
    const puts = new ConditionalPuts();
    await expect(puts.put(put)).resolves.toBe('exists');
    const never = vi.fn<() => Promise<string>>();
    await expect(puts.put(never)).resolves.toBe('exists');
    expect(never).not.toHaveBeenCalled();
  });

  it('says that an object exists, and passes other failures on', async () => {
    const puts = new ConditionalPuts();
    await expect(puts.put(() => Promise.reject(refusal(412)))).resolves.toBe('exists');
    await expect(puts.put(() => Promise.reject(refusal(503)))).rejects.toThrow('refused');
    await expect(puts.put(() => Promise.resolve('written'))).resolves.toBe('written');
  });
});
