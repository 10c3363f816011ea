import { sql } from 'kysely';

/** Held until the transaction ends, so that two bootstraps do not both find no administrator. */
export const lockAdministrators = sql`select pg_advisory_xact_lock(hashtext('longshore administrators'))`;

export const selectAdministratorRule = sql<{ name: string }>`
  select name from access_rules where effect = 'allow' and 'admin' = any(actions) order by id limit 1`;

export const insertAdministratorRule = (name: string, subject: string) => sql`
  insert into access_rules (name, effect, subjects, actions, repositories, created_by)
  values (${name}, 'allow', array[${subject}::text], '{admin,list,pull,push,overwrite,delete}', '{**}', 'bootstrap')`;

/** Rules that name others as well stay for those. */
export const deleteRulesOfSubject = (subject: string) => sql`
  delete from access_rules where subjects = array[${subject}::text]`;

export const removeSubjectFromRules = (subject: string) => sql`
  update access_rules set subjects = array_remove(subjects, ${subject}::text), updated_at = now()
  where ${subject}::text = any(subjects)`;
