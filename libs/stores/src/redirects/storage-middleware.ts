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
      const { cloudFront } = await loadCloudFront();
      return cloudFront(entry.options);
    }
    case 'redirect':
      return redirectTo(entry.options);
    case 'rewrite':
      return rewrite(entry.options);
  }
}

/** Loads the SDK that an entry needs. @throws Error of Node if it is not installed */
export async function loadRedirects(middleware: readonly StorageMiddleware[]): Promise<void> {
  if (middleware.some(({ name }) => name === 'cloudfront')) await loadCloudFront();
}

const loadCloudFront = (): Promise<typeof import('./cloudfront.ts')> => import('./cloudfront.ts');
