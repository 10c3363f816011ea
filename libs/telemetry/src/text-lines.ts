import type { DestinationStream } from 'pino';
import { escapeControls } from './escape-controls.ts';
import { errorFields, isWrittenError, type WrittenError } from './text-errors.ts';

/** Turns pino's JSON lines into `name=value` lines, for people and for tools that read logfmt. */
export function textLines(target: DestinationStream): DestinationStream {
  return {
    write(line: string) {
      const { time, level, msg, ...rest }: Record<string, unknown> = JSON.parse(line);
      const head = { time, level, msg };
      target.write(`${[...pairs(head), ...pairs(rest)].join(' ')}\n`);
    },
  };
}

function pairs(fields: Record<string, unknown>): string[] {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) =>
      isWrittenError(value) ? pairs(errorPairs(name, value)) : [`${name}=${text(value)}`],
    );
}

function errorPairs(name: string, error: WrittenError): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(errorFields(error)).map(([part, value]) => [`${name}${part}`, value]),
  );
}

function text(value: unknown): string {
  const plain = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w./:@+-]+$/.test(plain) ? plain : escapeControls(JSON.stringify(plain));
}
