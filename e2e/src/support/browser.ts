import { requireProgram } from '@longshore/testing';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';

export interface Visit {
  readonly page: Page;
  /** What the browser complained about: errors of scripts, what a policy forbade, and requests that failed, all of pages of `origin`. */
  readonly complaints: readonly string[];
}

export interface TestBrowser {
  /** Opens a page without cookies of earlier ones. @param origin whose complaints are kept */
  visit(origin: string, options?: BrowserContextOptions): Promise<Visit>;
  close(): Promise<void>;
}

/** Starts Debian's Chromium. It reaches nothing but this machine. */
export async function startBrowser(): Promise<TestBrowser> {
  const executablePath = requireProgram(
    'chromium-headless-shell',
    'apt-get install --no-install-recommends chromium-headless-shell',
  );
  const local = 'MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost';
  // As root it has no sandbox; the pages are ours, and those of programs that we start.
  const args = ['--no-sandbox', `--host-resolver-rules=${local}`];
  const browser = await chromium.launch({ executablePath, args });
  return {
    visit: async (origin, options = {}) => {
      const page = await (await browser.newContext(options)).newPage();
      return { page, complaints: complaintsOf(page, origin) };
    },
    close: () => browser.close(),
  };
}

function complaintsOf(page: Page, origin: string): readonly string[] {
  const complaints: string[] = [];
  const isOurs = (): boolean => page.url().startsWith(origin);
  page.on('console', (message) => {
    if (message.type() === 'error' && isOurs()) complaints.push(message.text());
  });
  page.on('pageerror', (error) => {
    if (isOurs()) complaints.push(error.message);
  });
  page.on('requestfailed', (request) => {
    if (request.url().startsWith(origin))
      complaints.push(`${request.url()}: ${request.failure()?.errorText ?? ''}`);
  });
  return complaints;
}
