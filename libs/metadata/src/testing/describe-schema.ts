import type { Pool } from 'pg';

/** Describes the registry's tables as `pg_dump --schema-only` would, without pg_dump. */
export async function describeSchema(pool: Pool): Promise<string> {
  const tables = await pool.query<{ oid: number; name: string; options: string | null }>(`
    select oid::integer, relname as name, array_to_string(reloptions, ', ') as options
    from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relname not like 'kysely\\_%'
    order by relname`);
  const texts = await Promise.all(
    tables.rows.map(async ({ oid, name, options }) => {
      const columns = await pool.query<{ line: string }>(columnLines, [oid]);
      const constraints = await pool.query<{ line: string }>(constraintLines, [oid]);
      const lines = [...columns.rows, ...constraints.rows].map((row) => `  ${row.line}`);
      const indexes = await pool.query<{ line: string }>(indexLines, [oid]);
      const suffix = options === null ? '' : ` with (${options})`;
      const create = `create table ${name} (\n${lines.join(',\n')}\n)${suffix};\n`;
      return create + indexes.rows.map((row) => `${row.line};\n`).join('');
    }),
  );
  return texts.join('\n');
}

const columnLines = `
  select concat_ws(' ',
    quote_ident(attname),
    format_type(atttypid, atttypmod),
    case when attcollation <> typcollation then 'collate ' || quote_ident(collname) end,
    case when attstorage <> typstorage then 'storage ' || attstorage::text end,
    case attidentity when 'a' then 'generated always as identity' end,
    case when attnotnull then 'not null' end,
    'default ' || pg_get_expr(adbin, adrelid)
  ) as line
  from pg_attribute
  join pg_type on pg_type.oid = atttypid
  left join pg_collation on pg_collation.oid = attcollation
  left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where attrelid = $1 and attnum > 0 and not attisdropped
  order by attnum`;

const constraintLines = `
  select 'constraint ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid) as line
  from pg_constraint
  where conrelid = $1 and contype <> 'n'
  order by contype, conname`;

const indexLines = `
  select pg_get_indexdef(indexrelid) as line
  from pg_index
  where indrelid = $1 and not exists (select from pg_constraint where conindid = indexrelid and conrelid = $1)
  order by 1`;
