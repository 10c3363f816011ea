import { setTimeout as interval } from 'node:timers/promises';
import { Client } from 'pg';
import type { Database } from '../database.ts';
import { migratedDatabase, type MigratedDatabase } from '../testing/migrated-database.ts';
import { Gate } from './gate.ts';
import { violations, waitsForLock } from './invariants.queries.ts';
import { expected, holds, type Acknowledged, type Fact } from './facts.ts';
import type { Step } from './steps.ts';
import { World } from './world.ts';

interface Racer {
  readonly gate: Gate;
  readonly database: Database;
}

/** Runs two steps on real connections. The second starts at an exact place within the first. */
export class Arena {
  readonly #postgres: MigratedDatabase;
  readonly #observer: Client;
  readonly #first: Racer;
  readonly #second: Racer;
  readonly #world = new World();

  private constructor(postgres: MigratedDatabase, observer: Client, racers: readonly [Racer, Racer]) {
    this.#postgres = postgres;
    this.#observer = observer;
    [this.#first, this.#second] = racers;
  }

  static async open(): Promise<Arena> {
    const postgres = await migratedDatabase();
    const observer = new Client({ connectionString: postgres.url });
    await observer.connect();
    const racer = async (): Promise<Racer> => {
      const gate = new Gate();
      const config = { poolSize: 2, lookupConnections: 1, beforeStatement: gate.pass };
      return { gate, database: await postgres.open(config) };
    };
    const arena = new Arena(postgres, observer, [await racer(), await racer()]);
    await arena.#world.prepare(observer);
    return arena;
  }

  async close(): Promise<void> {
    await this.#observer.end();
    await this.#postgres.drop();
  }

  /**
   * Starts `second` when `first` is about to send its nth statement. Continues `first` when `second` has ended or waits for a lock. Returns false if
   * `first` has fewer statements. Rejects with the violations.
   */
  async interleave(first: Step, second: Step, n: number): Promise<boolean> {
    await this.#world.reset(this.#observer);
    const { gate, database } = this.#first;
    gate.close(n);
    const one = settled(first(database.db, this.#world));
    if ((await Promise.race([gate.reached, one])) !== 'reached') return false;
    const two = settled(second(this.#second.database.db, this.#world));
    await this.#endedOrBlocked(two);
    gate.open();
    const [ofFirst, ofSecond] = await Promise.all([one, two]);
    await this.#check([unwrap(ofFirst), unwrap(ofSecond)]);
    return true;
  }

  /** Counts the deadlocks that Postgres has resolved in this database. */
  async deadlocks(): Promise<number> {
    const text = 'select deadlocks::integer from pg_stat_database where datname = current_database()';
    const { rows } = await this.#observer.query<{ deadlocks: number }>(text);
    return rows[0]?.deadlocks ?? 0;
  }

  async #endedOrBlocked(step: Promise<Outcome>): Promise<void> {
    let ended = false;
    const done = step.finally(() => {
      ended = true;
    });
    // The racer's first statement reveals its backend, so the list is read anew each time.
    const blocked = async (): Promise<void> => {
      if (ended) return;
      const values = [this.#second.gate.connections];
      const query = { name: 'waits for lock', text: waitsForLock, values };
      const { rows } = await this.#observer.query<{ waits: boolean }>(query);
      if (rows[0]?.waits === true) return;
      await interval(1);
      await blocked();
    };
    await Promise.race([done, blocked()]);
  }

  async #check(acknowledged: readonly [Acknowledged, Acknowledged]): Promise<void> {
    const query = { name: 'violations', text: violations, values: [[...this.#world.objects]] };
    const { rows } = await this.#observer.query(query);
    if (rows.length > 0) throw new Error(JSON.stringify(rows));
    await Promise.all(expected(acknowledged).map((alternatives) => this.#mustHold(alternatives)));
  }

  async #mustHold(alternatives: readonly Fact[]): Promise<void> {
    const { lookups } = this.#second.database;
    const held = await Promise.all(alternatives.map((fact) => holds(lookups, fact)));
    if (!held.includes(true)) throw new Error(`acknowledged, but not there: ${JSON.stringify(alternatives)}`);
  }
}

type Outcome = { readonly value: Acknowledged } | { readonly error: unknown };

function settled(step: Promise<Acknowledged>): Promise<Outcome> {
  return step.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

function unwrap(outcome: Outcome): Acknowledged {
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}
