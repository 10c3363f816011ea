import type { CloudFrontOptions } from './cloudfront.ts';
import { redirectTo, rewrite, type RewriteOptions } from './rewrite.ts';
import type { RedirectStep } from '@longshore/storage';

/** An entry of `middleware.storage` in the configuration. */
export type StorageMiddleware =
  | { readonly name: 'cloudfront'; readonly options: CloudFrontOptions }
  | { readonly name: 'redirect'; readonly options: { readonly baseurl: string } }
  | { readonly name: 'rewrite'; readonly options: RewriteOptions };

/** @throws Error if a key cannot be read */
export function redirectSteps(middleware: readonly StorageMiddleware[]): Promise<RedirectStep[]> {
  return Promise.all(middleware.map(redirectStep));
}

async function redirectStep(entry: StorageMiddleware): Promise<RedirectStep> {
  switch (entry.name) {
    case 'cloudfront': {
      // Load the SDK only if it is used.
      const { cloudFront } = await import('./cloudfront.ts');
      return cloudFront(entry.options);
    }
    case 'redirect':
      return redirectTo(entry.options);
    case 'rewrite':
      return rewrite(entry.options);
  }
}
