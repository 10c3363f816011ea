/** An error in the form of `redact`. */
export interface WrittenError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: unknown;
  readonly cause?: unknown;
}

/** Errors that JavaScript itself throws: defects, which need the whole stack. */
const defects = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'AssertionError'];
const mostFrames = 8;

export function isWrittenError(value: unknown): value is WrittenError {
  return (
    typeof value === 'object' && value !== null && 'type' in value && 'message' in value && 'stack' in value
  );
}

/**
 * Returns an error's fields for people who read lines: the messages of the error and its causes, its code, and its origin. A defect also gets its
 * stack. The JSON format contains everything.
 */
export function errorFields(error: WrittenError): Record<string, unknown> {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const own = frames.filter((line) => !/node:|node_modules/.test(line)).map(place);
  const isDefect = defects.includes(error.type);
  return {
    '': messages(error).join(': '),
    '.code': error.code,
    [isDefect ? '.stack' : '.at']: isDefect ? own.slice(0, mostFrames).join(' < ') : own[0],
  };
}

/** Returns the messages of the error and its causes, each once: one often repeats the other. */
function messages(error: WrittenError): string[] {
  const own = error.message === '' ? error.type : `${error.type}: ${error.message}`;
  const causes = isWrittenError(error.cause)
    ? messages(error.cause).filter((cause) => !own.includes(cause.replace(/^\w+: /, '')))
    : [];
  return [own, ...causes];
}

/** Shortens `    at Store.read (file:///opt/longshore/libs/storage/dist/a.js:1:2)` to `libs/storage/dist/a.js:1:2`. */
function place(frame: string): string {
  const path = /\(?((?:file:\/\/)?\/[^()]+:\d+:\d+)\)?$/.exec(frame)?.[1] ?? frame.trim();
  return path.replace(/^.*\/((?:apps|libs)\/)/, '$1');
}
