import { startPostgres } from './postgres-server.ts';
import { prepareTemplate } from './template-database.ts';

/**
 * Vitest's globalSetup: one Postgres for the whole run, unless LONGSHORE_TEST_POSTGRES_URL names a server whose user may create databases. Test files
 * find its URL in the environment, which workers inherit.
 */
export async function setup(): Promise<() => Promise<void>> {
  const given = process.env['LONGSHORE_TEST_POSTGRES_URL'];
  const server = given === undefined || given === '' ? await startPostgres() : undefined;
  const url = server?.url ?? given ?? '';
  const template = await prepareTemplate(url).catch(async (error: unknown) => {
    await server?.stop();
    throw error;
  });
  process.env['LONGSHORE_TEST_POSTGRES_URL'] = url;
  process.env['LONGSHORE_TEST_POSTGRES_TEMPLATE'] = template.name;
  return async () => {
    await template.drop();
    await server?.stop();
  };
}
