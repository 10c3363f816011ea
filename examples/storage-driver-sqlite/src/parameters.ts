export interface SqliteParameters {
  /** Path of the database file; its directory must exist. */
  readonly path: string;
  /** Milliseconds that a call waits for another process that is writing. */
  readonly busytimeout: number;
}

const known = ['path', 'busytimeout'];
const longestWait = 60_000;

/** @throws Error that names every wrong parameter at once, so that five mistakes do not take five starts of the registry */
export function parseParameters(given: unknown): SqliteParameters {
  const parameters = isRecord(given) ? given : {};
  const { path, busytimeout: wait = 5000 } = parameters;
  const busytimeout = Number(wait);
  const problems = [
    ...(isRecord(given) ? [] : ['storage.sqlite: must be a mapping of parameters']),
    ...(isText(path) ? [] : ['storage.sqlite.path: must be the path of a file']),
    ...(isWait(wait, busytimeout)
      ? []
      : [`storage.sqlite.busytimeout: must be a number of milliseconds from 0 to ${longestWait}`]),
    ...Object.keys(parameters)
      .filter((key) => !known.includes(key))
      .map((key) => `storage.sqlite.${key}: is no parameter of this driver, which has ${known.join(', ')}`),
  ];
  if (problems.length > 0 || !isText(path)) throw new Error(problems.join('; '));
  return { path, busytimeout };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** The environment gives text, a YAML file gives a number. */
function isWait(given: unknown, milliseconds: number): boolean {
  const isNumeric = typeof given === 'number' || (typeof given === 'string' && /^\d+$/.test(given));
  return isNumeric && Number.isInteger(milliseconds) && milliseconds >= 0 && milliseconds <= longestWait;
}
