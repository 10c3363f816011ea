/** An error as `redact` writes it. */
export interface WrittenError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: unknown;
  readonly cause?: unknown;
}

/** What JavaScript itself throws: a defect, of which one place says too little. */
const defects = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'AssertionError'];
const mostFrames = 8;

export function isWrittenError(value: unknown): value is WrittenError {
  return (
    typeof value === 'object' && value !== null && 'type' in value && 'message' in value && 'stack' in value
  );
}

/**
 * An error for somebody who reads lines: what it says with what caused it, its code, and where it was made; of a defect, the way there. The
 * JSON format has all of it.
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

/** Of the error and its causes, each once: one often repeats the other's words. */
function messages(error: WrittenError): string[] {
  const own = error.message === '' ? error.type : `${error.type}: ${error.message}`;
  const causes = isWrittenError(error.cause)
    ? messages(error.cause).filter((cause) => !own.includes(cause.replace(/^\w+: /, '')))
    : [];
  return [own, ...causes];
}

/** `    at Store.read (file:///opt/longshore/libs/storage/dist/a.js:1:2)` is `libs/storage/dist/a.js:1:2`. */
function place(frame: string): string {
  const path = /\(?((?:file:\/\/)?\/[^()]+:\d+:\d+)\)?$/.exec(frame)?.[1] ?? frame.trim();
  return path.replace(/^.*\/((?:apps|libs)\/)/, '$1');
}
