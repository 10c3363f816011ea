import { RateLimits } from '../limits/rate-limits.ts';
import type { ServiceContext } from './start-service.ts';

/** Opens the limits of a process's door (`http.ratelimits`), for its root module. */
export function openRateLimits({
  config,
  metrics,
}: Pick<ServiceContext, 'config' | 'metrics'>): readonly [typeof RateLimits, RateLimits] {
  return [RateLimits, new RateLimits({ rules: config.http.ratelimits, metrics })];
}
