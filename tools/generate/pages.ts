import { openApiDocument } from '@longshore/auth-service';
import { busPage } from './bus-page.ts';
import { chartPages } from './chart/chart-pages.ts';
import { configurationPage } from './configuration-page.ts';
import { errorsPage } from './errors-page.ts';
import { eventsPage } from './events-page.ts';
import { metricsPage } from './metrics-page.ts';
import { routesPage } from './routes-page.ts';
import { securityTestsPage } from './security-tests-page.ts';

/** Returns every generated page: its path in the repository, and its content. */
export function pages(root: string): ReadonlyMap<string, string> {
  return new Map([
    ...chartPages(root),
    ['docs/reference/bus.md', busPage(root)],
    ['docs/reference/configuration.md', configurationPage()],
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/events.md', eventsPage(root)],
    ['docs/reference/metrics.md', metricsPage()],
    ['docs/reference/openapi.json', `${JSON.stringify(openApiDocument(), undefined, 2)}\n`],
    ['docs/reference/routes.md', routesPage()],
    ['docs/reference/security-tests.md', securityTestsPage(root)],
  ]);
}
